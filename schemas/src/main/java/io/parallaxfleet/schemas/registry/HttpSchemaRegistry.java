package io.parallaxfleet.schemas.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * Client of the REST subset that Confluent's registry and the embedded registry share:
 * {@code POST /subjects/{subject}/versions} and {@code GET /schemas/ids/{id}}. Thread-safe; every answer is cached for
 * good, since an id never changes its schema.
 */
public final class HttpSchemaRegistry implements SchemaRegistry {
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MESSAGE_CHARACTERS = 300;

    private record Registration(String subject, Schema schema) {}

    private final URI base;
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final ObjectMapper json = new ObjectMapper();
    private final Map<Registration, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    public HttpSchemaRegistry(URI base) {
        String text = base.toString();
        this.base = text.endsWith("/") ? base : URI.create(text + "/");
    }

    @Override
    public int register(String subject, Schema schema) {
        Registration registration = new Registration(subject, schema);
        Integer known = ids.get(registration);
        if (known != null) {
            return known;
        }
        String body = json.createObjectNode().put("schema", schema.toString()).toString();
        HttpRequest request = HttpRequest.newBuilder(
                        base.resolve("subjects/" + URLEncoder.encode(subject, StandardCharsets.UTF_8) + "/versions"))
                .timeout(TIMEOUT)
                .header("Content-Type", CONTENT_TYPE)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = send(request);
        if (response.statusCode() != 200) {
            throw new SchemaRegistryException("the schema registry at " + base + " refused the schema of subject '"
                    + subject + "': HTTP " + response.statusCode() + said(response.body()));
        }
        int id = parse(response.body()).path("id").asInt();
        ids.put(registration, id);
        schemas.putIfAbsent(id, schema);
        return id;
    }

    @Override
    public Schema byId(int id) {
        Schema known = schemas.get(id);
        if (known != null) {
            return known;
        }
        HttpResponse<String> response = send(HttpRequest.newBuilder(base.resolve("schemas/ids/" + id))
                .timeout(TIMEOUT)
                .GET()
                .build());
        if (response.statusCode() == 404) {
            throw new UnknownSchemaException(id);
        }
        if (response.statusCode() != 200) {
            throw new SchemaRegistryException("the schema registry at " + base + " did not give schema " + id + ": HTTP "
                    + response.statusCode() + said(response.body()));
        }
        Schema schema;
        try {
            schema = new Schema.Parser().parse(parse(response.body()).path("schema").asText());
        } catch (AvroRuntimeException e) {
            throw new SchemaRegistryException(
                    "the schema registry at " + base + " gave something other than an Avro schema for id " + id, e);
        }
        schemas.put(id, schema);
        return schema;
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new SchemaRegistryException(
                    "the schema registry at " + base + " cannot be reached; check its URL and that it is running", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SchemaRegistryException("interrupted while asking the schema registry at " + base, e);
        }
    }

    /** What the answer says, in one line: a registry's own message, or the beginning of whatever another server sent. */
    private String said(String body) {
        String text;
        try {
            text = json.readTree(body).path("message").asText();
        } catch (IOException notJson) {
            text = body;
        }
        String line = text.strip().replaceAll("\\s+", " ");
        return line.isEmpty() ? "" : ", " + (line.length() <= MESSAGE_CHARACTERS ? line : line.substring(0, MESSAGE_CHARACTERS) + " ...");
    }

    private JsonNode parse(String body) {
        try {
            return json.readTree(body);
        } catch (IOException e) {
            throw new SchemaRegistryException("the schema registry at " + base + " answered with something other than JSON", e);
        }
    }
}
