package io.parallaxfleet.simulate;

import io.parallaxfleet.thresholds.DeviceIdentity;
import java.util.List;
import java.util.Optional;

/**
 * A modelled kind of device. The rates are assumptions, chosen to put the break-even where the kind of device has it; nothing here was
 * measured.
 *
 * @param name as the command line names it
 * @param deviceClass starts with {@code sim-}
 * @param parentFamily the wider family
 * @param soc made-up name of the SoC
 * @param accelerator made-up name of the accelerator
 * @param cores logical cores
 * @param performanceCores the fast ones among them
 * @param memoryBytes of the device
 * @param cpuMacsPerSecond R_cpu
 * @param acceleratorMacsPerSecond R_acc
 * @param dispatchSeconds L
 * @param bytesPerSecond B_bw
 * @param cpuWatts drawn while a CPU step runs
 * @param acceleratorWatts drawn while an accelerator step runs
 */
public record SimulatedProfile(
        String name,
        String deviceClass,
        String parentFamily,
        String soc,
        String accelerator,
        int cores,
        int performanceCores,
        long memoryBytes,
        double cpuMacsPerSecond,
        double acceleratorMacsPerSecond,
        double dispatchSeconds,
        double bytesPerSecond,
        double cpuWatts,
        double acceleratorWatts) {
    private static final long GIB = 1L << 30;

    /** Every kind there is. */
    public static final List<SimulatedProfile> ALL = List.of(
            // The paper's constants delegate too little: everything from about 2 MMAC on would win.
            new SimulatedProfile("fast-gpu", "sim-phone-fast-gpu", "sim-phone", "Simulated Octa A", "Simulated GPU A", 8, 4, 8 * GIB,
                    1e10, 4e11, 150e-6, 10e9, 3.0, 2.5),
            // They delegate too much: the accelerator is slower than the CPU whatever the region.
            new SimulatedProfile("slow-gpu", "sim-phone-slow-gpu", "sim-phone", "Simulated Hexa B", "Simulated GPU B", 6, 2, 4 * GIB,
                    2e10, 1.2e10, 400e-6, 3e9, 2.5, 2.0),
            // A high dispatch cost and a very fast engine: only the large regions win.
            new SimulatedProfile("npu", "sim-tablet-npu", "sim-tablet", "Simulated Octa C", "Simulated NPU C", 8, 4, 12 * GIB,
                    1.5e10, 2e12, 3e-3, 20e9, 4.0, 1.5),
            // A weak CPU beside a modest accelerator behind a slow bus: bytes decide.
            new SimulatedProfile("slow-bus", "sim-board-slow-bus", "sim-board", "Simulated Quad D", "Simulated GPU D", 4, 4, 2 * GIB,
                    4e9, 5e10, 200e-6, 0.5e9, 2.0, 2.0));

    public SimulatedProfile {
        if (!deviceClass.startsWith(DeviceIdentity.SIMULATED_PREFIX)) {
            throw new IllegalArgumentException("the class of a simulated profile starts with '" + DeviceIdentity.SIMULATED_PREFIX
                    + "', not '" + deviceClass + "'");
        }
        if (!(cpuMacsPerSecond > 0) || !(acceleratorMacsPerSecond > 0) || !(dispatchSeconds >= 0) || !(bytesPerSecond > 0)) {
            throw new IllegalArgumentException("profile " + name + ": L must be >= 0 and the rates > 0");
        }
    }

    /** The profile of that name. */
    public static Optional<SimulatedProfile> named(String name) {
        return ALL.stream().filter(profile -> profile.name().equals(name)).findFirst();
    }

    /** T_cpu = F / R_cpu, in seconds. */
    public double cpuSeconds(long macs) {
        return macs / cpuMacsPerSecond;
    }

    /** T_acc = L + F / R_acc + B / B_bw, in seconds. */
    public double acceleratorSeconds(long macs, long boundaryBytes) {
        return dispatchSeconds + macs / acceleratorMacsPerSecond + boundaryBytes / bytesPerSecond;
    }
}
