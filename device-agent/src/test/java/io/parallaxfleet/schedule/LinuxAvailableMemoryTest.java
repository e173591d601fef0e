package io.parallaxfleet.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxAvailableMemoryTest {
    private static final long MIB = 1 << 20;

    @TempDir
    private Path root;

    private void file(String path, String text) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.writeString(root.resolve(path), text);
    }

    private long available() {
        return new LinuxAvailableMemory(root).bytes();
    }

    @Test
    void isUnlimitedWhereTheSystemSaysNothing() {
        assertEquals(Long.MAX_VALUE, available());
    }

    @Test
    void saysWhichFileIsNotAsItShouldBe() throws IOException {
        file("proc/meminfo", "MemAvailable: lots kB\n");

        assertTrue(assertThrows(IllegalStateException.class, this::available).getMessage().contains("proc/meminfo holds 'lots'"));
    }

    @Nested
    class WithFourGibibytesFree {
        private static final long FOUR_GIB = 4096 * MIB;

        @BeforeEach
        void machine() throws IOException {
            file("proc/meminfo", """
                    MemTotal:       24620000 kB
                    MemFree:          912345 kB
                    MemAvailable:    4194304 kB
                    Buffers:           12345 kB
                    """);
        }

        private void group(String directory, String max, String high, long current, long inactiveFile) throws IOException {
            file(directory + "/memory.max", max + "\n");
            file(directory + "/memory.high", high + "\n");
            file(directory + "/memory.current", current + "\n");
            file(directory + "/memory.stat", "anon 1\nfile 2\ninactive_file " + inactiveFile + "\n");
        }

        @Test
        void aMachineWithoutControlGroupsHasWhatTheKernelSays() {
            assertEquals(FOUR_GIB, available());
        }

        @Test
        void aFieldFarDownALongFileIsFound() throws IOException {
            file("proc/meminfo", "Filler:               1 kB\n".repeat(5_000) + "MemAvailable:    2097152 kB");

            assertEquals(FOUR_GIB / 2, available());
        }

        @Test
        void aGroupWithoutALimitChangesNothing() throws IOException {
            file("proc/self/cgroup", "0::/user.slice\n");
            group("sys/fs/cgroup/user.slice", "max", "max", 100 * MIB, 0);

            assertEquals(FOUR_GIB, available());
        }

        @Test
        void aVersionTwoLimitLessWhatIsUsedCounts() throws IOException {
            file("proc/self/cgroup", "0::/app\n");
            group("sys/fs/cgroup/app", Long.toString(512 * MIB), "max", 200 * MIB, 0);

            assertEquals(312 * MIB, available());
        }

        @Test
        void cacheThatTheKernelWouldDropCountsAsFree() throws IOException {
            file("proc/self/cgroup", "0::/app\n");
            group("sys/fs/cgroup/app", Long.toString(512 * MIB), "max", 200 * MIB, 50 * MIB);

            assertEquals(362 * MIB, available());
        }

        @Test
        void theThrottlingLimitCountsWhereItIsLower() throws IOException {
            file("proc/self/cgroup", "0::/app\n");
            group("sys/fs/cgroup/app", Long.toString(512 * MIB), Long.toString(256 * MIB), 200 * MIB, 0);

            assertEquals(56 * MIB, available());
        }

        @Test
        void aLimitOfAnAncestorCounts() throws IOException {
            file("proc/self/cgroup", "0::/pod/app\n");
            group("sys/fs/cgroup/pod/app", "max", "max", 100 * MIB, 0);
            group("sys/fs/cgroup/pod", Long.toString(1024 * MIB), "max", 900 * MIB, 0);

            assertEquals(124 * MIB, available());
        }

        @Test
        void aContainerThatSeesItsGroupAtTheTopIsBoundByIt() throws IOException {
            file("proc/self/cgroup", "0::/kubepods/pod1/container1\n");
            group("sys/fs/cgroup", Long.toString(256 * MIB), "max", 56 * MIB, 0);

            assertEquals(200 * MIB, available());
        }

        @Test
        void aGroupAboveItsLimitLeavesNothing() throws IOException {
            file("proc/self/cgroup", "0::/app\n");
            group("sys/fs/cgroup/app", Long.toString(256 * MIB), "max", 300 * MIB, 0);

            assertEquals(0, available());
        }

        @Test
        void aVersionOneLimitCounts() throws IOException {
            file("proc/self/cgroup", "5:cpu,cpuacct:/app\n4:memory:/app\n0::/\n");
            file("sys/fs/cgroup/memory/app/memory.limit_in_bytes", 512 * MIB + "\n");
            file("sys/fs/cgroup/memory/app/memory.usage_in_bytes", 300 * MIB + "\n");
            file("sys/fs/cgroup/memory/app/memory.stat", "cache 5\ninactive_file 7\ntotal_inactive_file " + 100 * MIB + "\n");

            assertEquals(312 * MIB, available());
        }

        @Test
        void theVersionOneNumberForNoLimitChangesNothing() throws IOException {
            file("proc/self/cgroup", "4:memory:/\n");
            file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
            file("sys/fs/cgroup/memory/memory.usage_in_bytes", 300 * MIB + "\n");

            assertEquals(FOUR_GIB, available());
        }

        @Test
        void aPathThatClimbsOutOfTheMountIsNotFollowed() throws IOException {
            file("proc/self/cgroup", "0::/../../elsewhere\n");
            group("elsewhere", "1", "1", 1, 0);

            assertEquals(FOUR_GIB, available());
        }
    }
}
