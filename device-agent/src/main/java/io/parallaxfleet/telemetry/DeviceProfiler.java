package io.parallaxfleet.telemetry;

import io.parallaxfleet.execute.Accelerator.AcceleratorDescription;
import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.schemas.avro.Accelerator;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.thresholds.DeviceIdentity;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Finds out what this machine is. */
public final class DeviceProfiler {
    private final HostFiles host;
    private final String osName;
    private final String architecture;
    private final int logicalCores;

    /**
     * @param osName as {@code os.name} says
     * @param architecture as {@code os.arch} says
     */
    public DeviceProfiler(HostFiles host, String osName, String architecture, int logicalCores) {
        this.host = host;
        this.osName = osName;
        this.architecture = architecture;
        this.logicalCores = logicalCores;
    }

    /** The machine this JVM runs on. */
    public static DeviceProfiler ofThisMachine() {
        return new DeviceProfiler(HostFiles.ofThisMachine(), System.getProperty("os.name"), System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors());
    }

    /** The identity under which a device with this accelerator reports. */
    public DeviceIdentity identity(String deviceId, Optional<AcceleratorDescription> accelerator) {
        return new DeviceIdentity(deviceId, DeviceClassName.of(osName, architecture, cpuModel(), logicalCores,
                accelerator.map(AcceleratorDescription::name)), false);
    }

    /** The profile the device publishes at its start. */
    public DeviceProfile profile(DeviceIdentity identity, Optional<AcceleratorDescription> accelerator, String engineVersion,
            String runtimeVersion, String sessionId, Instant startedAt) {
        return DeviceProfile.newBuilder()
                .setDeviceId(identity.deviceId())
                .setDeviceClass(identity.deviceClass())
                .setParentFamily(DeviceClassName.family(osName, architecture, accelerator.map(AcceleratorDescription::name)))
                .setSimulated(identity.simulated())
                .setSoc(cpuModel())
                .setArchitecture(DeviceClassName.architecture(architecture))
                .setLogicalCores(logicalCores)
                .setPerformanceCores(performanceCores())
                .setMemoryBytes(MemoryInfo.bytes(host, "MemTotal").orElse(0))
                .setOperatingSystem(operatingSystem())
                .setAccelerator(accelerator.map(DeviceProfiler::avro).orElse(null))
                .setEngineVersion(engineVersion)
                .setRuntimeVersion(runtimeVersion)
                .setSessionId(sessionId)
                .setStartedAt(startedAt)
                .build();
    }

    /** CPU or SoC model. ARM kernels name it in other places than x86 ones. */
    String cpuModel() {
        Optional<String> cpuInfo = host.text("proc/cpuinfo");
        return field(cpuInfo, "model name")
                .or(() -> field(cpuInfo, "Hardware"))
                .or(() -> host.text("sys/firmware/devicetree/base/model").map(model -> model.replace("\0", "")))
                .or(() -> field(cpuInfo, "CPU part").map(part -> "cpu part " + part))
                .orElse("unknown");
    }

    /** Cores with the highest maximum frequency; all of them where the kernel shows no frequencies. */
    int performanceCores() {
        List<Long> frequencies = new ArrayList<>();
        for (Path cpu : host.entries("sys/devices/system/cpu", "cpu")) {
            OptionalLong frequency = host.number(cpu.resolve("cpufreq/cpuinfo_max_freq"));
            frequency.ifPresent(frequencies::add);
        }
        long highest = frequencies.stream().mapToLong(Long::longValue).max().orElse(0);
        int fastest = (int) frequencies.stream().filter(frequency -> frequency == highest).count();
        return fastest == 0 ? logicalCores : Math.min(fastest, logicalCores);
    }

    private String operatingSystem() {
        return host.text("etc/os-release")
                .flatMap(text -> text.lines().filter(line -> line.startsWith("PRETTY_NAME=")).findFirst())
                .map(line -> line.substring("PRETTY_NAME=".length()).replace("\"", ""))
                .orElse(osName.toLowerCase(Locale.ROOT));
    }

    private static Optional<String> field(Optional<String> cpuInfo, String name) {
        return cpuInfo.flatMap(text -> text.lines()
                .filter(line -> line.startsWith(name) && line.contains(":"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .filter(value -> !value.isEmpty())
                .findFirst());
    }

    private static Accelerator avro(AcceleratorDescription description) {
        return Accelerator.newBuilder()
                .setName(description.name())
                .setApi(description.api())
                .setDriver(description.driver())
                .setComputeUnits(description.computeUnits())
                .build();
    }
}
