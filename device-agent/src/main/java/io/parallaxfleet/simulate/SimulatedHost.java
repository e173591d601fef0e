package io.parallaxfleet.simulate;

import io.parallaxfleet.energy.EnergyMeter.Reading;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.telemetry.DeviceState;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** The modelled hardware and operating system of one device: heat, battery, memory, and what runs cost. Not thread-safe. */
final class SimulatedHost {
    /** How telemetry names the energy's source. */
    static final String ENERGY_SOURCE = "simulated";
    /** Share of inferences after which the device throttles for a while. */
    private static final double HEAT_SHARE = 0.0005;
    private static final int HOT_INFERENCES = 20;
    private static final double THROTTLE = 1.5;
    private static final double MEMORY_MARGIN = 0.4;

    private final SimulatedProfile profile;
    private final SplittableRandom random;
    private final RunModel runs;
    private final DoubleSupplier slowdown;
    private final boolean charging;
    private final double drainPerInference;
    private double batteryPercent;
    private double freeShare;
    private int hotInferencesLeft;
    private long lastMicrojoules;

    /** @param slowdown factor on every run, whatever state it is in */
    SimulatedHost(SimulatedProfile profile, SplittableRandom random, DoubleSupplier slowdown) {
        this.slowdown = slowdown;
        this.profile = profile;
        this.random = random;
        this.runs = new RunModel(profile, random.split());
        this.charging = random.nextDouble() < 0.3;
        this.batteryPercent = 20 + 80 * random.nextDouble();
        this.freeShare = 0.2 + 0.4 * random.nextDouble();
        this.drainPerInference = 1e-4;
    }

    /** What the device's operating system says now. */
    DeviceState state() {
        return new DeviceState(hotInferencesLeft > 0 ? ThermalState.SERIOUS : ThermalState.NOMINAL,
                OptionalInt.of((int) batteryPercent), Optional.of(charging), freeBytes());
    }

    /** Models one inference and moves heat, battery and memory on. */
    EngineRun run(EnginePlan plan, long runsOfPlan) {
        if (hotInferencesLeft > 0) {
            hotInferencesLeft--;
        } else if (random.nextDouble() < HEAT_SHARE) {
            hotInferencesLeft = HOT_INFERENCES;
        }
        batteryPercent = Math.max(5, Math.min(100, batteryPercent + (charging ? drainPerInference : -drainPerInference)));
        freeShare = Math.max(0.1, Math.min(0.7, freeShare + 0.01 * random.nextGaussian()));
        long budget = Math.round((1 - MEMORY_MARGIN) * freeBytes());
        RunModel.Outcome outcome = runs.run(plan, slowdown.getAsDouble() * (hotInferencesLeft > 0 ? THROTTLE : 1), budget, runsOfPlan);
        lastMicrojoules = outcome.microjoules();
        return outcome.run();
    }

    /** Modelled energy of the last inference. */
    Reading lastEnergy() {
        return new Reading(OptionalLong.of(lastMicrojoules), 0);
    }

    private long freeBytes() {
        return Math.round(freeShare * profile.memoryBytes());
    }
}
