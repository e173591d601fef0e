package io.parallaxfleet.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** Which processor this is: what was measured on one says nothing about another. */
final class Processor {
    private Processor() {}

    /** Its model and how many cores this process may use, in characters that any file name can hold. */
    static String fileName() {
        String text = modelName() + "-" + Runtime.getRuntime().availableProcessors();
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    private static String modelName() {
        Path cpuInfo = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(cpuInfo)) {
            return System.getProperty("os.arch");
        }
        // Arm kernels give no model name but the part's number.
        try (Stream<String> lines = Files.lines(cpuInfo)) {
            return lines.filter(line -> line.startsWith("model name") || line.startsWith("CPU part"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .distinct()
                    .reduce((first, next) -> first + " " + next)
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException | UncheckedIOException e) {
            return System.getProperty("os.arch");
        }
    }
}
