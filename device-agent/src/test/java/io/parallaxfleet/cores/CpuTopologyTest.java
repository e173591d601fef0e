package io.parallaxfleet.cores;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuTopologyTest {
    @TempDir
    Path root;

    private void file(int core, String name, String text) throws IOException {
        Path file = root.resolve("sys/devices/system/cpu/cpu" + core).resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text + "\n");
    }

    private static CoreSet first(int count) {
        return CoreSet.of(IntStream.range(0, count).boxed().toList());
    }

    @Test
    void littleCoresOfAPhoneAreNotPerformanceCores() throws IOException {
        // Four little, three big and one prime core, as a phone's kernel reports them.
        int[] capacities = {325, 325, 325, 325, 828, 828, 828, 1024};
        for (int core = 0; core < capacities.length; core++) {
            file(core, "cpu_capacity", Integer.toString(capacities[core]));
        }
        assertEquals(List.of(7, 4, 5, 6), CpuTopology.read(root, first(8)).performanceCores());
    }

    @Test
    void withoutCapacitiesTheClockTells() throws IOException {
        file(0, "cpufreq/cpuinfo_max_freq", "1500000");
        file(1, "cpufreq/cpuinfo_max_freq", "3600000");
        file(2, "cpufreq/cpuinfo_max_freq", "3500000");
        assertEquals(List.of(1, 2), CpuTopology.read(root, first(3)).performanceCores());
    }

    @Test
    void ofTwoThreadsOfOnePhysicalCoreOnlyTheFirstCounts() throws IOException {
        file(0, "topology/thread_siblings_list", "0,2");
        file(1, "topology/thread_siblings_list", "1,3");
        file(2, "topology/thread_siblings_list", "0,2");
        file(3, "topology/thread_siblings_list", "1,3");
        assertEquals(List.of(0, 1), CpuTopology.read(root, first(4)).performanceCores());
    }

    @Test
    void whereTheKernelTellsNothingAllCoresAreEqual() {
        assertEquals(List.of(0, 1, 2), CpuTopology.read(root, first(3)).performanceCores());
    }

    @Test
    void coresThatAreNotThisProcessesDoNotCount() {
        assertEquals(List.of(1, 5), CpuTopology.read(root, CoreSet.of(List.of(5, 1))).performanceCores());
    }

    @Test
    void whatCannotBeReadAsANumberIsNotKnown() throws IOException {
        file(0, "cpu_capacity", "fast");
        file(0, "topology/thread_siblings_list", "none");
        assertFalse(CpuTopology.read(root, first(2)).performanceCores().isEmpty());
    }
}
