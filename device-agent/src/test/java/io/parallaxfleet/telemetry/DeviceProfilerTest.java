package io.parallaxfleet.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.parallaxfleet.execute.Accelerator.AcceleratorDescription;
import io.parallaxfleet.host.RecordedHost;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.thresholds.DeviceIdentity;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceProfilerTest {
    private static final AcceleratorDescription GPU = new AcceleratorDescription("Mali-G76", "OpenCL 3.0", "r38", 12);

    @TempDir
    private Path root;

    private RecordedHost host;

    @BeforeEach
    void emptyHost() {
        host = new RecordedHost(root);
    }

    @ParameterizedTest
    @CsvSource({
        "Intel(R) Xeon(R) Processor, intel-xeon",
        "AMD EPYC 7763 64-Core Processor, amd-epyc-7763-64-core",
        "Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz, intel-core-i7-8650u",
        "pthread-skylake-avx512-Intel(R) Xeon(R) Processor, pthread-skylake-avx512-intel",
        "'   ', unknown"
    })
    void slugsAreShortAndWithoutTradeMarks(String name, String slug) {
        assertEquals(slug, DeviceClassName.slug(name));
    }

    @Test
    void theClassNamesSystemArchitectureProcessorCoresAndAccelerator() {
        host.with("proc/cpuinfo", "processor\t: 0\nmodel name\t: AMD EPYC 7763 64-Core Processor\n");
        DeviceProfiler profiler = new DeviceProfiler(host.files(), "Linux", "amd64", 16);

        assertEquals("linux-x86_64-amd-epyc-7763-64-core-16c-mali-g76", profiler.identity("d", Optional.of(GPU)).deviceClass());
        assertEquals("linux-x86_64-amd-epyc-7763-64-core-16c-cpu", profiler.identity("d", Optional.empty()).deviceClass());
    }

    @Test
    void armBoardsAreNamedByTheirDeviceTree() {
        host.with("proc/cpuinfo", "processor\t: 0\nCPU part\t: 0xd08\n")
                .with("sys/firmware/devicetree/base/model", "Raspberry Pi 4 Model B\0");

        assertEquals("Raspberry Pi 4 Model B",
                new DeviceProfiler(host.files(), "Linux", "aarch64", 4).cpuModel().strip());
    }

    @Test
    void performanceCoresAreThoseOfTheHighestFrequency() {
        for (int cpu = 0; cpu < 6; cpu++) {
            host.with("sys/devices/system/cpu/cpu" + cpu + "/cpufreq/cpuinfo_max_freq", cpu < 2 ? "2800000" : "1800000");
        }

        assertEquals(2, new DeviceProfiler(host.files(), "Linux", "aarch64", 6).performanceCores());
    }

    @Test
    void withoutFrequenciesAllCoresAreEqual() {
        assertEquals(6, new DeviceProfiler(host.files(), "Linux", "aarch64", 6).performanceCores());
    }

    @Test
    void theProfileOfAHostWithoutAcceleratorSaysSo() {
        host.with("etc/os-release", "NAME=x\nPRETTY_NAME=\"Some Linux 12\"").with("proc/meminfo", "MemTotal:  2048 kB");
        DeviceProfiler profiler = new DeviceProfiler(host.files(), "Linux", "amd64", 2);
        DeviceIdentity identity = profiler.identity("device-7", Optional.empty());

        DeviceProfile profile = profiler.profile(identity, Optional.empty(), "1.2.3", "onnxruntime 1", "session", Instant.EPOCH);

        assertNull(profile.getAccelerator());
        assertEquals("Some Linux 12", profile.getOperatingSystem());
        assertEquals(2048 * 1024L, profile.getMemoryBytes());
        assertEquals("linux-x86_64-cpu", profile.getParentFamily());
        assertEquals("device-7", profile.getDeviceId());
    }
}
