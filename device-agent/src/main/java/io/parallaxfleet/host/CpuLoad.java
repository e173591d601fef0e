package io.parallaxfleet.host;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * The share of all cores that others used between two points: {@code busy/total of /proc/stat - own CPU time / (cores * wall)},
 * clamped to [0, 1]. Time stolen by the hypervisor counts as others'. Resolution is a kernel tick (10 ms) in cores x wall time.
 * Thread-safe.
 */
public final class CpuLoad {
    /** Fewer ticks than these in an interval say nothing. */
    private static final long MIN_TICKS = 10;

    private final HostFiles host;
    private final LongSupplier nanoTime;
    private final LongSupplier processCpuNanos;

    /** @param processCpuNanos CPU time of this process; negative: unknown */
    public CpuLoad(HostFiles host, LongSupplier nanoTime, LongSupplier processCpuNanos) {
        this.host = host;
        this.nanoTime = nanoTime;
        this.processCpuNanos = processCpuNanos;
    }

    /** One point in time. */
    public record Mark(long totalTicks, long idleTicks, int cores, long wallNanos, long ownNanos) {}

    /** Now; empty where the host or the platform does not tell. */
    public Optional<Mark> mark() {
        long own = processCpuNanos.getAsLong();
        Optional<String> stat = host.text("proc/stat");
        if (own < 0 || stat.isEmpty()) {
            return Optional.empty();
        }
        int cores = 0;
        String[] all = null;
        for (String line : (Iterable<String>) stat.get().lines()::iterator) {
            if (line.startsWith("cpu ")) {
                all = line.trim().split("\\s+");
            } else if (line.startsWith("cpu")) {
                cores++;
            }
        }
        if (all == null || all.length < 5 || cores == 0) {
            return Optional.empty();
        }
        try {
            long total = 0;
            // user nice system idle iowait irq softirq steal; the guest columns after them are inside user and nice.
            for (int column = 1; column < Math.min(all.length, 9); column++) {
                total += Long.parseLong(all[column]);
            }
            long idle = Long.parseLong(all[4]) + (all.length > 5 ? Long.parseLong(all[5]) : 0);
            return Optional.of(new Mark(total, idle, cores, nanoTime.getAsLong(), own));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The others' share since the mark; empty where unknown or the interval is too short to tell. */
    public OptionalDouble foreignShareSince(Optional<Mark> start) {
        Optional<Mark> end = mark();
        if (start.isEmpty() || end.isEmpty()) {
            return OptionalDouble.empty();
        }
        long ticks = end.get().totalTicks() - start.get().totalTicks();
        long wallNanos = end.get().wallNanos() - start.get().wallNanos();
        if (ticks < MIN_TICKS || wallNanos <= 0) {
            return OptionalDouble.empty();
        }
        double busy = 1 - (double) (end.get().idleTicks() - start.get().idleTicks()) / ticks;
        double own = (double) (end.get().ownNanos() - start.get().ownNanos()) / ((double) wallNanos * end.get().cores());
        return OptionalDouble.of(Math.max(0, Math.min(1, busy - own)));
    }
}
