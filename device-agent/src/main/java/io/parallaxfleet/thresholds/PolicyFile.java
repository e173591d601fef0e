package io.parallaxfleet.thresholds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parallaxfleet.partition.DelegationPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The last good policy of a device as a small JSON file. Written to a neighbour, synced and moved over the old one, so that a
 * crash leaves the old or the new policy and nothing between. Not thread-safe.
 */
public final class PolicyFile {
    private static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private final String deviceClass;

    public PolicyFile(Path path, String deviceClass) {
        this.path = path;
        this.deviceClass = deviceClass;
    }

    /** What the file holds. */
    public sealed interface Content {
        record Absent() implements Content {}

        record Present(PolicyInForce policy) implements Content {}

        /** The file cannot be used; the reason names it and says what happens. */
        record Unusable(String reason) implements Content {}
    }

    /** Reads the file; never throws for what it holds. */
    public Content read() {
        if (!Files.exists(path)) {
            return new Content.Absent();
        }
        try {
            JsonNode root = JSON.readTree(path.toFile());
            if (root == null || root.path("version").asInt() != VERSION) {
                return unusable("is not a version " + VERSION + " policy file");
            }
            String writtenFor = root.path("deviceClass").asText();
            if (!writtenFor.equals(deviceClass)) {
                return unusable("was written for class '" + writtenFor + "', this device is '" + deviceClass + "'");
            }
            return new Content.Present(new PolicyInForce(policy(root), root.required("epoch").asLong(),
                    root.path("rolloutId").asText(), PolicyInForce.Origin.valueOf(root.path("origin").asText())));
        } catch (IOException | IllegalArgumentException e) {
            return unusable("cannot be read (" + firstLine(e) + ")");
        }
    }

    /** @throws UncheckedIOException when it cannot be written; the old content is then still there */
    public void write(PolicyInForce inForce) {
        ObjectNode root = JSON.createObjectNode()
                .put("version", VERSION)
                .put("deviceClass", deviceClass)
                .put("epoch", inForce.epoch())
                .put("rolloutId", inForce.rolloutId())
                .put("origin", inForce.origin().name());
        if (inForce.policy() instanceof DelegationPolicy.Thresholds thresholds) {
            root.put("minOperators", thresholds.minOperators())
                    .put("minMacs", thresholds.minMacs())
                    .put("maxBytesPerMac", thresholds.maxBytesPerMac());
        } else if (inForce.policy() instanceof DelegationPolicy.Never) {
            root.put("never", true);
        } else {
            throw new IllegalArgumentException("only published policies are kept, not " + inForce.policy().describe());
        }
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(root));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the policy file " + path + "; check space and permissions", e);
        }
    }

    private static DelegationPolicy policy(JsonNode root) {
        if (root.path("never").asBoolean()) {
            return new DelegationPolicy.Never();
        }
        return new DelegationPolicy.Thresholds(root.required("minOperators").asInt(), root.required("minMacs").asLong(),
                root.required("maxBytesPerMac").asDouble());
    }

    private Content unusable(String why) {
        return new Content.Unusable("policy file " + path + " " + why + "; the built-in thresholds are used");
    }

    private static String firstLine(Throwable e) {
        return Optional.ofNullable(e.getMessage()).flatMap(message -> message.lines().findFirst()).orElse(e.toString());
    }
}
