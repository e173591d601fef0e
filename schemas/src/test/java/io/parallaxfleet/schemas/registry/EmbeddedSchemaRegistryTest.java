package io.parallaxfleet.schemas.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EmbeddedSchemaRegistryTest {
    private static final String V1 = record("{\"name\":\"a\",\"type\":\"int\"}");
    /** Reads V1: the new field has a default. */
    private static final String V2 = record("{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"int\",\"default\":0}");
    /** Reads V2, which always writes b, but not V1. */
    private static final String NEEDS_B = record("{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"int\"}");

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient client = HttpClient.newHttpClient();
    private final SchemaStore store = SchemaStore.inMemory();
    private final EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(store, 0);

    private record Answer(int status, JsonNode body) {
        int errorCode() {
            return body.path("error_code").asInt();
        }
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Nested
    class Registering {
        @Test
        void gives_an_id_that_leads_back_to_the_schema() throws Exception {
            int id = register("s", V1).body().path("id").asInt();
            Answer answer = get("/schemas/ids/" + id);
            assertEquals(200, answer.status());
            assertEquals(parse(V1), parse(answer.body().path("schema").asText()));
        }

        @Test
        void the_same_schema_again_gives_the_same_id_and_no_new_version() throws Exception {
            int first = register("s", V1).body().path("id").asInt();
            assertEquals(first, register("s", V1).body().path("id").asInt());
            assertEquals("[1]", get("/subjects/s/versions").body().toString());
        }

        @Test
        void the_same_schema_under_two_subjects_has_one_id() throws Exception {
            assertEquals(register("s", V1).body(), register("t", V1).body());
            assertEquals("[\"s\",\"t\"]", get("/subjects").body().toString());
        }

        @Test
        void a_schema_that_reads_the_past_becomes_the_next_version() throws Exception {
            register("s", V1);
            register("s", V2);
            Answer latest = get("/subjects/s/versions/latest");
            assertEquals(2, latest.body().path("version").asInt());
            assertEquals("s", latest.body().path("subject").asText());
            assertEquals(parse(V2), parse(latest.body().path("schema").asText()));
            assertEquals(1, get("/subjects/s/versions/1").body().path("version").asInt());
        }

        @Test
        void a_schema_that_cannot_read_the_first_version_is_refused_although_it_reads_the_latest() throws Exception {
            register("s", V1);
            register("s", V2);
            Answer refused = register("s", NEEDS_B);
            assertEquals(409, refused.status());
            assertEquals(409, refused.errorCode());
            assertTrue(refused.body().path("message").asText().contains("version 1"), refused.body().toString());
            assertEquals("[1,2]", get("/subjects/s/versions").body().toString());
        }

        @Test
        void what_is_no_avro_schema_is_refused() throws Exception {
            for (String text : List.of("{\"type\":\"recrod\"}", "", "not json")) {
                Answer refused = register("s", text);
                assertEquals(422, refused.status(), text);
                assertEquals(42201, refused.errorCode(), text);
            }
        }

        @Test
        void a_body_that_is_no_json_object_is_refused() throws Exception {
            assertEquals(400, send("POST", "/subjects/s/versions", "{").status());
            assertEquals(400, send("POST", "/subjects/s/versions", "[]").status());
            assertEquals(400, send("POST", "/subjects/s/versions", "").status());
        }

        @Test
        void a_subject_may_hold_any_character() throws Exception {
            register("a%2Fb%20c+d", V1);
            assertEquals("[\"a/b c+d\"]", get("/subjects").body().toString());
        }
    }

    @Nested
    class LookingUp {
        @Test
        void finds_the_version_of_a_schema() throws Exception {
            register("s", V1);
            register("s", V2);
            Answer found = send("POST", "/subjects/s", body(V1));
            assertEquals(200, found.status());
            assertEquals(1, found.body().path("version").asInt());
        }

        @Test
        void what_is_missing_is_told_apart_by_its_code() throws Exception {
            register("s", V1);
            assertEquals(40401, send("POST", "/subjects/none", body(V1)).errorCode());
            assertEquals(40403, send("POST", "/subjects/s", body(V2)).errorCode());
            assertEquals(40401, get("/subjects/none/versions").errorCode());
            assertEquals(40402, get("/subjects/s/versions/2").errorCode());
            assertEquals(42202, get("/subjects/s/versions/first").errorCode());
            assertEquals(42202, get("/subjects/s/versions/0").errorCode());
            assertEquals(40403, get("/schemas/ids/99").errorCode());
            assertEquals(404, get("/nothing/here").status());
            assertEquals(405, send("DELETE", "/subjects/s/versions/1", "").status());
        }
    }

    @Nested
    class Compatibility {
        @Test
        void looks_at_every_past_version_by_default() throws Exception {
            assertEquals("BACKWARD_TRANSITIVE", get("/config").body().path("compatibilityLevel").asText());
        }

        @Test
        void set_for_one_subject_leaves_the_others_as_they_were() throws Exception {
            register("s", V1);
            register("t", V1);
            send("PUT", "/config/s", "{\"compatibility\":\"NONE\"}");
            assertEquals(200, register("s", record("{\"name\":\"z\",\"type\":\"string\"}")).status());
            assertEquals(409, register("t", record("{\"name\":\"z\",\"type\":\"string\"}")).status());
            assertEquals("NONE", get("/config/s").body().path("compatibilityLevel").asText());
            assertEquals(40408, get("/config/t").errorCode());
        }

        @Test
        void of_a_name_that_is_none_is_refused() throws Exception {
            assertEquals(42203, send("PUT", "/config", "{\"compatibility\":\"SOMETIMES\"}").errorCode());
        }
    }

    @Nested
    class Restarting {
        @Test
        void on_the_same_store_keeps_ids_versions_and_levels() throws Exception {
            int first = register("s", V1).body().path("id").asInt();
            int second = register("s", V2).body().path("id").asInt();
            send("PUT", "/config", "{\"compatibility\":\"FULL\"}");
            try (EmbeddedSchemaRegistry restarted = EmbeddedSchemaRegistry.start(store, 0)) {
                HttpSchemaRegistry http = new HttpSchemaRegistry(restarted.url());
                assertEquals(parse(V1), http.byId(first));
                assertEquals(second, http.register("s", parse(V2)));
                assertTrue(http.register("u", parse(record("{\"name\":\"q\",\"type\":\"long\"}"))) > second);
                assertEquals("FULL", get(restarted.url(), "/config").body().path("compatibilityLevel").asText());
            }
        }

        @Test
        void on_a_taken_port_names_the_port() {
            int port = registry.url().getPort();
            var refused = assertThrows(
                    SchemaRegistryException.class, () -> EmbeddedSchemaRegistry.start(SchemaStore.inMemory(), port));
            assertTrue(refused.getMessage().contains(":" + port), refused.getMessage());
        }
    }

    @Nested
    class TheClient {
        private final HttpSchemaRegistry http = new HttpSchemaRegistry(registry.url());

        @Test
        void registers_and_reads_back_through_another_client() {
            int id = http.register("s", parse(V1));
            assertEquals(parse(V1), new HttpSchemaRegistry(registry.url()).byId(id));
        }

        @Test
        void tells_an_unknown_id_from_an_absent_registry() {
            assertThrows(UnknownSchemaException.class, () -> http.byId(4711));
            registry.close();
            var absent = assertThrows(SchemaRegistryException.class, () -> http.byId(4712));
            assertTrue(absent.getMessage().contains(registry.url().toString()), absent.getMessage());
        }

        @Test
        void names_the_subject_of_an_incompatible_schema() {
            http.register("s", parse(V1));
            var refused = assertThrows(SchemaRegistryException.class, () -> http.register("s", parse(NEEDS_B)));
            assertTrue(refused.getMessage().contains("'s'"), refused.getMessage());
        }
    }

    private Answer register(String subject, String schema) throws IOException, InterruptedException {
        return send("POST", "/subjects/" + subject + "/versions", body(schema));
    }

    private String body(String schema) {
        return json.createObjectNode().put("schema", schema).toString();
    }

    private Answer get(String path) throws IOException, InterruptedException {
        return get(registry.url(), path);
    }

    private Answer get(URI base, String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(base.resolve(path)).GET().build());
    }

    private Answer send(String method, String path, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(registry.url().resolve(path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private Answer send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), json.readTree(response.body()));
    }

    private static Schema parse(String text) {
        return new Schema.Parser().parse(text);
    }

    private static String record(String fields) {
        return "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" + fields + "]}";
    }
}
