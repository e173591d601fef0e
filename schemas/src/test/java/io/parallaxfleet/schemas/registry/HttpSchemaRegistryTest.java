package io.parallaxfleet.schemas.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpSchemaRegistryTest {
    private HttpServer server;

    private HttpSchemaRegistry answering(int status, String body) throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        });
        server.start();
        return new HttpSchemaRegistry(uri());
    }

    private URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static String refusal(HttpSchemaRegistry registry) {
        return assertThrows(SchemaRegistryException.class,
                () -> registry.register("topic-value", Schema.create(Schema.Type.STRING))).getMessage();
    }

    @Test
    void a_refusal_is_told_in_the_registrys_own_words() throws Exception {
        HttpSchemaRegistry registry = answering(409, "{\"error_code\":409,\"message\":\"field b has no default\"}");

        assertEquals("the schema registry at " + uri() + " refused the schema of subject 'topic-value': HTTP 409, field b has no default",
                refusal(registry));
    }

    @Test
    void the_page_of_a_server_that_is_no_registry_becomes_one_line() throws Exception {
        HttpSchemaRegistry registry = answering(501, "<html>\n  <p>Unsupported method</p>\n</html>\n");

        assertEquals("the schema registry at " + uri()
                + " refused the schema of subject 'topic-value': HTTP 501, <html> <p>Unsupported method</p> </html>", refusal(registry));
    }
}
