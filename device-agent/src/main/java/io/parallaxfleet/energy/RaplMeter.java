package io.parallaxfleet.energy;

import io.parallaxfleet.host.HostFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Energy of the CPU packages by the kernel's powercap counters ({@code energy_uj}, microjoules). It is the energy of everything
 * on the packages, other processes among it. Counters wrap at {@code max_energy_range_uj}; one wrap in a batch is undone, which
 * is enough as they take minutes to wrap.
 */
public final class RaplMeter implements EnergyMeter {
    /** Packages only: core, uncore and memory domains (intel-rapl:0:1) are inside them. */
    private static final Pattern PACKAGE = Pattern.compile("intel-rapl:\\d+");

    private record Domain(Path counter, long range) {}

    private final HostFiles host;
    private final List<Domain> domains;
    private List<OptionalLong> start = List.of();

    private RaplMeter(HostFiles host, List<Domain> domains) {
        this.host = host;
        this.domains = domains;
    }

    /** Empty where the host has no readable package counter. */
    static Optional<RaplMeter> find(HostFiles host) {
        List<Domain> domains = new ArrayList<>();
        for (Path directory : host.entries("sys/class/powercap", "intel-rapl:")) {
            Path counter = directory.resolve("energy_uj");
            OptionalLong range = host.number(directory.resolve("max_energy_range_uj"));
            if (PACKAGE.matcher(directory.getFileName().toString()).matches() && host.number(counter).isPresent()
                    && range.isPresent()) {
                domains.add(new Domain(counter, range.getAsLong()));
            }
        }
        return domains.isEmpty() ? Optional.empty() : Optional.of(new RaplMeter(host, List.copyOf(domains)));
    }

    @Override
    public String source() {
        return "rapl";
    }

    @Override
    public void begin() {
        start = read();
    }

    @Override
    public void sample() {
        // The counter accumulates by itself.
    }

    @Override
    public Reading end() {
        List<OptionalLong> end = read();
        if (start.size() != end.size()) {
            return Reading.unavailable();
        }
        long total = 0;
        for (int i = 0; i < end.size(); i++) {
            if (start.get(i).isEmpty() || end.get(i).isEmpty()) {
                return Reading.unavailable();
            }
            long difference = end.get(i).getAsLong() - start.get(i).getAsLong();
            total += difference >= 0 ? difference : difference + domains.get(i).range();
        }
        // The counters move about once a millisecond; no movement at all means the batch was too short to see.
        return total > 0 ? new Reading(OptionalLong.of(total), 0) : Reading.unavailable();
    }

    private List<OptionalLong> read() {
        return domains.stream().map(domain -> host.number(domain.counter())).toList();
    }
}
