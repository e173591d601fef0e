package io.parallaxfleet.cores;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which cores a machine has and how fast they are beside each other, from {@code /sys/devices/system/cpu}.
 *
 * <p>Speed is {@code cpu_capacity}, which Arm kernels with big and little cores give, or else the highest clock frequency; a core
 * that tells neither counts as 1, as all do on a machine of equal cores.
 *
 * @param cores fastest first; among equal ones by number
 */
public record CpuTopology(List<Core> cores) {
    /** A core slower than this share of the fastest is a little one. */
    private static final double PERFORMANCE_SHARE = 0.6;

    /**
     * @param number as the kernel counts
     * @param speed comparable among the cores of one machine
     * @param physical lowest number of the cores that share its execution units; its own when none does
     */
    public record Core(int number, long speed, int physical) {}

    public CpuTopology {
        cores = List.copyOf(cores);
    }

    /** The cores of this machine that {@code allowed} holds; of a kernel that does not tell, all of them as equals. */
    public static CpuTopology read(Path root, CoreSet allowed) {
        Path directory = root.resolve("sys/devices/system/cpu");
        List<Core> cores = new ArrayList<>();
        for (int number : allowed.toList()) {
            Path core = directory.resolve("cpu" + number);
            long speed = number(core.resolve("cpu_capacity"))
                    .orElseGet(() -> number(core.resolve("cpufreq/cpuinfo_max_freq")).orElse(1));
            cores.add(new Core(number, speed, firstSibling(core).orElse(number)));
        }
        cores.sort(Comparator.comparingLong(Core::speed).reversed().thenComparingInt(Core::number));
        return new CpuTopology(cores);
    }

    private static OptionalLong number(Path file) {
        try {
            return Files.isReadable(file) ? OptionalLong.of(Long.parseLong(Files.readString(file).strip())) : OptionalLong.empty();
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** The kernel writes the siblings as {@code 0,4} or {@code 0-1}. */
    private static Optional<Integer> firstSibling(Path core) {
        Path file = core.resolve("topology/thread_siblings_list");
        try (Stream<String> lines = Files.isReadable(file) ? Files.lines(file) : Stream.empty()) {
            return lines.findFirst().map(line -> Integer.valueOf(line.strip().split("[,-]")[0]));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** One core of each physical core that is not a little one, fastest first. Never empty where there is any core. */
    public List<Integer> performanceCores() {
        long fastest = cores.stream().mapToLong(Core::speed).max().orElse(1);
        Set<Integer> physical = new HashSet<>();
        return cores.stream()
                .filter(core -> core.speed() >= PERFORMANCE_SHARE * fastest)
                .filter(core -> physical.add(core.physical()))
                .map(Core::number)
                .toList();
    }
}
