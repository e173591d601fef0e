package io.parallaxfleet.telemetry;

import java.util.Locale;
import java.util.Optional;

/**
 * Names of device classes: {@code <os>-<architecture>-<cpu model>-<cores>c-<accelerator or cpu>}, e.g.
 * {@code linux-x86_64-amd-epyc-7763-16c-nvidia-h200}. Devices with equal names run equal plans at equal cost and so share
 * thresholds.
 */
public final class DeviceClassName {
    private static final int MAX_SLUG = 32;

    private DeviceClassName() {}

    /** @param accelerator name of the accelerator; empty: none is used */
    public static String of(String operatingSystem, String architecture, String cpuModel, int cores, Optional<String> accelerator) {
        return slug(operatingSystem) + "-" + architecture(architecture) + "-" + slug(cpuModel) + "-" + cores + "c-"
                + accelerator.map(DeviceClassName::slug).orElse("cpu");
    }

    /** The wider family: the same without CPU model and cores. */
    public static String family(String operatingSystem, String architecture, Optional<String> accelerator) {
        return slug(operatingSystem) + "-" + architecture(architecture) + "-" + accelerator.map(DeviceClassName::slug).orElse("cpu");
    }

    /** The instruction set as the kernel names it, whatever the JVM calls it. */
    public static String architecture(String jvmName) {
        return switch (jvmName) {
            case "amd64", "x86-64" -> "x86_64";
            case "arm64" -> "aarch64";
            default -> slug(jvmName);
        };
    }

    /** Lower case letters, digits and single dashes, without trade marks, filler words and clock rates. */
    static String slug(String name) {
        String slug = name.toLowerCase(Locale.ROOT)
                .replaceAll("\\((r|tm|c)\\)", " ")
                .replaceAll("@.*$", " ")
                .replaceAll("\\b(cpu|processor|with radeon graphics)\\b", " ")
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+|-+$", "");
        if (slug.length() > MAX_SLUG) {
            // At the end of a word, where there is one to end at.
            int end = slug.lastIndexOf('-', MAX_SLUG);
            slug = slug.substring(0, end > 0 ? end : MAX_SLUG);
        }
        return slug.isEmpty() ? "unknown" : slug;
    }
}
