package io.parallaxfleet.telemetry;

import io.parallaxfleet.engine.BodyBranchRun;
import io.parallaxfleet.engine.BranchRun;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.engine.PlanStep;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.thresholds.DeviceIdentity;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;

/** Turns engine runs into telemetry records of one device and session. Immutable and thread-safe. */
public final class TelemetryMapper {
    private final DeviceIdentity device;
    private final String sessionId;

    public TelemetryMapper(DeviceIdentity device, String sessionId) {
        this.device = device;
        this.sessionId = sessionId;
    }

    /** The record of one inference; the i-th entry of each branch column belongs to step i of the plan. */
    public InferenceTelemetry map(EngineRun run, RunContext context) {
        List<BranchRun> branches = run.branches();
        List<PlanStep> steps = run.plan().steps();
        if (branches.size() != steps.size()) {
            throw new IllegalArgumentException("the run reports " + branches.size() + " branches, its plan has " + steps.size());
        }
        byte[] planned = new byte[steps.size()];
        byte[] actual = new byte[steps.size()];
        byte[] fallback = new byte[steps.size()];
        byte[] coRunning = new byte[steps.size()];
        List<Long> latencies = new ArrayList<>(steps.size());
        List<Long> arenaPeaks = new ArrayList<>(steps.size());
        for (int i = 0; i < steps.size(); i++) {
            BranchRun branch = branches.get(i);
            planned[i] = (byte) steps.get(i).placement().code();
            actual[i] = (byte) branch.actual().code();
            fallback[i] = (byte) branch.fallback().code();
            coRunning[i] = (byte) Math.min(255, branch.coRunning());
            latencies.add(branch.latencyNanos());
            arenaPeaks.add(branch.arenaPeakBytes());
        }
        return common(run.plan(), context)
                .setLatencyNanos(run.latencyNanos())
                .setArenaPeakBytes(run.arenaPeakBytes())
                .setMemoryBudgetBytes(run.memoryBudgetBytes())
                .setBranchLatencyNanos(latencies)
                .setBranchPlanned(ByteBuffer.wrap(planned))
                .setBranchActual(ByteBuffer.wrap(actual))
                .setBranchFallback(ByteBuffer.wrap(fallback))
                .setBranchArenaPeakBytes(arenaPeaks)
                .setBranchEnergyMicrojoules(attribute(context.energy().microjoules(), latencies))
                .setBranchCoRunning(ByteBuffer.wrap(coRunning))
                .setBodyBranchRuns(run.bodyBranches().stream().map(BodyBranchRun::runs).toList())
                .setBodyBranchLatencyNanos(run.bodyBranches().stream().map(BodyBranchRun::latencyNanos).toList())
                .build();
    }

    /**
     * The record of an inference that threw. Nothing is known of its branches, but readers match columns to the plan: every branch
     * is there, as planned, with latency 0, and validity FAILED says that none of it was measured.
     */
    public InferenceTelemetry failed(EnginePlan plan, RunContext context) {
        int steps = plan.steps().size();
        byte[] planned = new byte[steps];
        for (int i = 0; i < steps; i++) {
            planned[i] = (byte) plan.steps().get(i).placement().code();
        }
        List<Long> zeros = Collections.nCopies(steps, 0L);
        return common(plan, context)
                .setLatencyNanos(0)
                .setArenaPeakBytes(0)
                .setMemoryBudgetBytes(context.state().freeMemoryBytes())
                .setBranchLatencyNanos(zeros)
                .setBranchPlanned(ByteBuffer.wrap(planned))
                .setBranchActual(ByteBuffer.wrap(planned.clone()))
                .setBranchFallback(ByteBuffer.allocate(steps))
                .setBranchArenaPeakBytes(zeros)
                .setBranchCoRunning(ByteBuffer.allocate(steps))
                .build();
    }

    private InferenceTelemetry.Builder common(EnginePlan plan, RunContext context) {
        OptionalLong energy = context.energy().microjoules();
        DeviceState state = context.state();
        return InferenceTelemetry.newBuilder()
                .setDeviceId(device.deviceId())
                .setDeviceClass(device.deviceClass())
                .setSimulated(device.simulated())
                .setSessionId(sessionId)
                .setSequence(context.sequence())
                .setTimestamp(context.timestamp())
                .setModel(plan.model())
                .setPlanId(PlanProfiles.planId(device, plan))
                .setPolicyEpoch(context.policyEpoch())
                .setOneSessionArenaBytes(PlanProfiles.baseline(plan))
                .setEnergyMicrojoules(energy.isPresent() ? energy.getAsLong() : null)
                .setExplored(context.explored())
                .setExplorationProbability(context.explorationProbability())
                .setWarmup(context.warmup())
                .setIdleGapNanos(context.idleGapNanos())
                .setThreads(context.threads())
                .setThermalState(state.thermal())
                .setBatteryPercent(state.batteryPercent().isPresent() ? state.batteryPercent().getAsInt() : null)
                .setCharging(state.charging().orElse(null))
                .setFreeMemoryBytes(state.freeMemoryBytes())
                .setForeignCpuShare(context.foreignCpuShare().orElse(-1))
                .setExclusiveTurn(context.exclusiveTurn())
                .setValidity(context.validity().validity())
                .setValidityReason(context.validity().reason().orElse(null))
                .setEnergySource(context.energySource())
                .setEnergySampleHertz(context.energy().sampleHertz());
    }

    /** Shares the inference's energy out by branch time; null where it is unavailable. */
    private static List<Long> attribute(OptionalLong energy, List<Long> latencies) {
        long total = latencies.stream().mapToLong(Long::longValue).sum();
        if (energy.isEmpty() || total <= 0) {
            return null;
        }
        double perNano = (double) energy.getAsLong() / total;
        return latencies.stream().map(latency -> Math.round(latency * perNano)).toList();
    }
}
