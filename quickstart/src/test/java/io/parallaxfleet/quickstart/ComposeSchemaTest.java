package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** docker-compose.yml against the JSON schema of the Compose Specification, since no Docker engine runs it here. */
class ComposeSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void the_compose_file_follows_the_specification() throws IOException {
        // The plain parser resolves anchors and merges.
        JsonNode compose = JSON.valueToTree(new Yaml().<Object>load(Files.readString(Path.of("..", "docker-compose.yml"))));
        assertEquals(Set.of(), Set.copyOf(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V201909)
                .getSchema(specification())
                .validate(compose)));
    }

    private static JsonNode specification() throws IOException {
        try (InputStream schema = ComposeSchemaTest.class.getResourceAsStream("/compose-spec/schema.json")) {
            JsonNode specification = JSON.readTree(schema);
            // Draft 4's way of naming a schema, which the draft that the schema claims to follow does not know.
            specification.findParents("id").stream()
                    .filter(named -> named.path("id").isTextual())
                    .forEach(named -> ((ObjectNode) named).remove("id"));
            return specification;
        }
    }
}
