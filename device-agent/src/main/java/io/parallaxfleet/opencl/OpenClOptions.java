package io.parallaxfleet.opencl;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Which OpenCL device to use. Immutable.
 *
 * @param kind devices that may be chosen
 * @param nameContains part of the device's or platform's name that must match, whatever its case; empty for any
 */
public record OpenClOptions(DeviceKind kind, Optional<String> nameContains) {
    /** Kinds of OpenCL devices. */
    public enum DeviceKind {
        /** GPUs and accelerators before CPU devices. */
        ANY,
        GPU,
        CPU
    }

    public OpenClOptions {
        Objects.requireNonNull(kind, "kind");
        nameContains = nameContains.map(name -> name.toLowerCase(Locale.ROOT));
    }

    /** Any device, a GPU first. */
    public static OpenClOptions defaults() {
        return new OpenClOptions(DeviceKind.ANY, Optional.empty());
    }

    public OpenClOptions withKind(DeviceKind newKind) {
        return new OpenClOptions(newKind, nameContains);
    }

    public OpenClOptions withNameContaining(String part) {
        return new OpenClOptions(kind, Optional.of(part));
    }
}
