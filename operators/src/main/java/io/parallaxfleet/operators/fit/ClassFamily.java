package io.parallaxfleet.operators.fit;

import io.parallaxfleet.operators.aggregate.ClassKey;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The wider family of a device class, by its name: of {@code <os>-<architecture>-<cpu model>-<cores>c-<accelerator>} the same without
 * CPU model and cores, of {@code sim-<kind>-...} the kind. That is what agents publish as {@code parentFamily} too. A class of any
 * other name is a family of its own. Modelled and measured classes are never of one family.
 */
public record ClassFamily(String name, boolean simulated) {
    private static final Pattern MEASURED = Pattern.compile("([a-z0-9]+(?:-[a-z0-9]+)*?)-(x86_64|aarch64|arm|riscv64)-.+-\\d+c-(.+)");
    private static final Pattern SIMULATED = Pattern.compile("(sim-[^-]+)-.+");

    public ClassFamily {
        Objects.requireNonNull(name, "name");
    }

    public static ClassFamily of(ClassKey key) {
        Matcher measured = MEASURED.matcher(key.deviceClass());
        if (!key.simulated() && measured.matches()) {
            return new ClassFamily(measured.group(1) + "-" + measured.group(2) + "-" + measured.group(3), false);
        }
        Matcher modelled = SIMULATED.matcher(key.deviceClass());
        return new ClassFamily(key.simulated() && modelled.matches() ? modelled.group(1) : key.deviceClass(), key.simulated());
    }
}
