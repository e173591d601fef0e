package io.parallaxfleet.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.parallaxfleet.schemas.registry.CompatibilityLevel;
import io.parallaxfleet.schemas.topics.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every version of every contract that was ever published is kept under {@code schemas/v<n>} and stays readable. */
class ContractHistoryTest {
    private static final Path HISTORY = Path.of("src/test/resources/schemas");

    @ParameterizedTest
    @EnumSource(Topic.class)
    void records_of_every_past_version_can_be_read_and_its_readers_can_read_ours(Topic topic) throws IOException {
        // Agents, job and dashboards are upgraded in any order: each must read both older and newer records.
        Optional<String> violation = CompatibilityLevel.FULL_TRANSITIVE.violation(topic.schema(), versions(topic));
        assertEquals(Optional.empty(), violation, topic.schema().getName() + ".avsc changed incompatibly");
    }

    @ParameterizedTest
    @EnumSource(Topic.class)
    void the_newest_kept_version_is_the_contract_in_force(Topic topic) throws IOException {
        List<Schema> versions = versions(topic);
        Path copy = Path.of("target", "contracts", fileName(topic));
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, topic.schema().toString(true) + "\n");
        assertFalse(versions.isEmpty(), "no version is kept of the contract in schemas/" + copy);
        assertEquals(versions.get(versions.size() - 1), topic.schema(),
                "the contract changed: keep schemas/" + copy + " as its next version under schemas/" + HISTORY);
    }

    @Test
    void the_kept_versions_have_no_gap() throws IOException {
        List<Integer> numbers = versionNumbers();
        for (int i = 0; i < numbers.size(); i++) {
            assertEquals(i + 1, numbers.get(i));
        }
    }

    /** A contract that did not change between two versions is kept once, in the directory of the version it came with. */
    private static List<Schema> versions(Topic topic) throws IOException {
        List<Schema> versions = new ArrayList<>();
        for (int number : versionNumbers()) {
            Path file = HISTORY.resolve("v" + number).resolve(fileName(topic));
            if (Files.exists(file)) {
                versions.add(new Schema.Parser().parse(Files.readString(file)));
            }
        }
        return versions;
    }

    private static List<Integer> versionNumbers() throws IOException {
        try (var directories = Files.list(HISTORY)) {
            return directories.map(path -> Integer.valueOf(path.getFileName().toString().substring(1))).sorted().toList();
        }
    }

    private static String fileName(Topic topic) {
        return topic.schema().getName() + ".avsc";
    }
}
