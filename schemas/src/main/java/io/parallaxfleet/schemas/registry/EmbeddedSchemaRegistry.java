package io.parallaxfleet.schemas.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small schema registry over HTTP that speaks the part of Confluent's REST interface that serialisers, Flink and the
 * usual tools need: register, look up, list, read by version or id, read and set the compatibility level. Paths, JSON
 * shapes and error codes are Confluent's. A new schema must be able to read every past version of its subject
 * ({@link CompatibilityLevel#BACKWARD_TRANSITIVE}) unless the level is changed. Thread-safe; one registry per store.
 */
public final class EmbeddedSchemaRegistry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedSchemaRegistry.class);
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    /** Far above any schema of this project; a larger body is a mistake or an attack on the heap. */
    private static final int MAX_BODY_BYTES = 1 << 20;
    private static final int WORKERS = 4;

    private final ObjectMapper json = new ObjectMapper();
    private final SchemaStore store;
    private final SubjectCatalogue catalogue;
    private final HttpServer server;
    private final ExecutorService workers;
    private final String host;

    private EmbeddedSchemaRegistry(SchemaStore store, SubjectCatalogue catalogue, HttpServer server, String host) {
        this.store = store;
        this.catalogue = catalogue;
        this.server = server;
        this.host = host;
        AtomicInteger number = new AtomicInteger();
        this.workers = Executors.newFixedThreadPool(WORKERS, task -> {
            Thread thread = new Thread(task, "schema-registry-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(workers);
        server.createContext("/", this::answer);
    }

    /** Starts on 127.0.0.1; port 0 takes a free one. */
    public static EmbeddedSchemaRegistry start(SchemaStore store, int port) {
        return start(store, "127.0.0.1", port);
    }

    /**
     * Replays the store and starts to listen; the registry owns the store from here on, also when the start fails.
     *
     * @param host address to bind; anything but a loopback address lets the network in without authentication
     * @throws SchemaRegistryException when the port is taken or the store cannot be read
     */
    public static EmbeddedSchemaRegistry start(SchemaStore store, String host, int port) {
        try {
            SubjectCatalogue catalogue = new SubjectCatalogue(store);
            HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 0);
            EmbeddedSchemaRegistry registry = new EmbeddedSchemaRegistry(store, catalogue, server, host);
            server.start();
            return registry;
        } catch (BindException e) {
            store.close();
            throw new SchemaRegistryException("the schema registry cannot listen on " + host + ":" + port + " ("
                    + e.getMessage() + "); choose another port", e);
        } catch (IOException e) {
            store.close();
            throw new SchemaRegistryException("the schema registry cannot listen on " + host + ":" + port, e);
        } catch (RegistryRefusal e) {
            store.close();
            throw new SchemaRegistryException("the schema store holds a schema that cannot be read: " + e.getMessage(), e);
        } catch (SchemaRegistryException e) {
            store.close();
            throw e;
        }
    }

    /** Where clients find it. */
    public URI url() {
        String reachable = host.equals("0.0.0.0") ? "127.0.0.1" : host;
        return URI.create("http://" + reachable + ":" + server.getAddress().getPort());
    }

    /** Stops listening and closes the store. */
    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
        store.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            int status = 200;
            JsonNode body;
            try {
                body = route(exchange);
            } catch (RegistryRefusal e) {
                status = e.status();
                body = error(e.errorCode(), e.getMessage());
            } catch (RuntimeException e) {
                // A defect of this class must reach the client as an answer, not as a closed connection.
                LOG.error("{} {} failed", exchange.getRequestMethod(), exchange.getRequestURI(), e);
                status = 500;
                body = error(500, "Internal error of the registry; its log has the details.");
            }
            byte[] bytes = json.writeValueAsBytes(body);
            exchange.getResponseHeaders().set("Content-Type", CONTENT_TYPE);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private JsonNode route(HttpExchange exchange) throws IOException {
        String rawPath = exchange.getRequestURI().getRawPath();
        List<String> path = Arrays.stream(rawPath.split("/"))
                .filter(part -> !part.isEmpty())
                .map(EmbeddedSchemaRegistry::decode)
                .toList();
        String root = path.isEmpty() ? "" : path.get(0);
        return switch (root) {
            case "" -> get(exchange, json.createObjectNode());
            case "subjects" -> subjects(exchange, path, rawPath);
            case "schemas" -> schemas(exchange, path, rawPath);
            case "config" -> config(exchange, path, rawPath);
            default -> throw RegistryRefusal.noSuchPath(rawPath);
        };
    }

    private JsonNode subjects(HttpExchange exchange, List<String> path, String rawPath) throws IOException {
        boolean post = exchange.getRequestMethod().equals("POST");
        if (path.size() == 1) {
            return get(exchange, json.valueToTree(catalogue.subjects()));
        }
        String subject = path.get(1);
        if (path.size() == 2) {
            if (!post) {
                throw RegistryRefusal.wrongMethod(exchange.getRequestMethod(), rawPath);
            }
            return describe(catalogue.lookUp(subject, schemaOf(exchange)));
        }
        if (!path.get(2).equals("versions") || path.size() > 4) {
            throw RegistryRefusal.noSuchPath(rawPath);
        }
        if (path.size() == 3) {
            return post
                    ? json.createObjectNode().put("id", catalogue.register(subject, schemaOf(exchange)).stored().id())
                    : get(exchange, json.valueToTree(catalogue.versionNumbers(subject)));
        }
        return get(exchange, describe(version(subject, path.get(3))));
    }

    private JsonNode schemas(HttpExchange exchange, List<String> path, String rawPath) {
        if (path.size() == 2 && path.get(1).equals("types")) {
            ArrayNode types = json.createArrayNode().add("AVRO");
            return get(exchange, types);
        }
        if (path.size() != 3 || !path.get(1).equals("ids")) {
            throw RegistryRefusal.noSuchPath(rawPath);
        }
        int id;
        try {
            id = Integer.parseInt(path.get(2));
        } catch (NumberFormatException e) {
            throw RegistryRefusal.noSuchSchema("'" + path.get(2) + "' is not an id");
        }
        return get(exchange, json.createObjectNode().put("schema", catalogue.byId(id).toString()));
    }

    private JsonNode config(HttpExchange exchange, List<String> path, String rawPath) throws IOException {
        if (path.size() > 2) {
            throw RegistryRefusal.noSuchPath(rawPath);
        }
        Optional<String> subject = path.size() == 2 ? Optional.of(path.get(1)) : Optional.empty();
        if (exchange.getRequestMethod().equals("PUT")) {
            String wanted = body(exchange).path("compatibility").asText("");
            CompatibilityLevel level =
                    CompatibilityLevel.named(wanted).orElseThrow(() -> RegistryRefusal.invalidLevel(wanted));
            catalogue.setLevel(subject, level);
            return json.createObjectNode().put("compatibility", level.name());
        }
        CompatibilityLevel level = subject.map(catalogue::levelOf).orElseGet(catalogue::level);
        return get(exchange, json.createObjectNode().put("compatibilityLevel", level.name()));
    }

    private SubjectCatalogue.Version version(String subject, String text) {
        if (text.equals("latest")) {
            return catalogue.latest(subject);
        }
        int number;
        try {
            number = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw RegistryRefusal.invalidVersion(text);
        }
        if (number < 1) {
            throw RegistryRefusal.invalidVersion(text);
        }
        return catalogue.version(subject, number);
    }

    private ObjectNode describe(SubjectCatalogue.Version version) {
        return json.createObjectNode()
                .put("subject", version.stored().subject())
                .put("version", version.stored().version())
                .put("id", version.stored().id())
                .put("schema", version.schema().toString());
    }

    private String schemaOf(HttpExchange exchange) throws IOException {
        JsonNode body = body(exchange);
        String type = body.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw RegistryRefusal.invalidSchema("this registry keeps AVRO schemas, not " + type);
        }
        if (!body.path("references").isEmpty()) {
            throw RegistryRefusal.invalidSchema("this registry takes schemas without references; send them in one");
        }
        JsonNode schema = body.path("schema");
        if (!schema.isTextual() || schema.asText().isBlank()) {
            throw RegistryRefusal.invalidSchema("the request has no text field 'schema'");
        }
        return schema.asText();
    }

    private JsonNode body(HttpExchange exchange) throws IOException {
        byte[] bytes = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (bytes.length > MAX_BODY_BYTES) {
            throw RegistryRefusal.unreadableRequest("it is larger than " + MAX_BODY_BYTES + " bytes");
        }
        try {
            JsonNode body = json.readTree(bytes);
            if (body == null || !body.isObject()) {
                throw RegistryRefusal.unreadableRequest("it is not a JSON object");
            }
            return body;
        } catch (JsonProcessingException e) {
            throw RegistryRefusal.unreadableRequest("it is not JSON (" + e.getOriginalMessage() + ")");
        }
    }

    private static JsonNode get(HttpExchange exchange, JsonNode body) {
        if (!exchange.getRequestMethod().equals("GET")) {
            throw RegistryRefusal.wrongMethod(
                    exchange.getRequestMethod(), exchange.getRequestURI().getRawPath());
        }
        return body;
    }

    private ObjectNode error(int code, String message) {
        return json.createObjectNode().put("error_code", code).put("message", message);
    }

    private static String decode(String part) {
        try {
            // In a path a plus is a plus; only in a query it stands for a blank.
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw RegistryRefusal.unreadableRequest("its path is not percent-encoded");
        }
    }
}
