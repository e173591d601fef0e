package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.RolloutMembership;
import io.parallaxfleet.schemas.thresholds.ThresholdKeys;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.streambench.fleet.FleetWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Lets a crowd report, each device once a round, as fast as the brokers take it and with the time of sending. */
final class CrowdDriver {
    private static final int THREADS = 2;
    private static final long SEED = 20_261_121;

    private final Crowd crowd;
    private final FleetWriter writer;
    private long trialEpoch;
    private String rolloutId = "";
    private int membersPerMille;

    CrowdDriver(Crowd crowd, FleetWriter writer) {
        this.crowd = crowd;
        this.writer = writer;
    }

    /** Gives a share of the class thresholds of their own, as a stage of a rollout does; members report under its epoch from then on. */
    void beginTrial(long epoch, int perMille) {
        writer.plans(crowd.plans(epoch));
        trialEpoch = epoch;
        membersPerMille = perMille;
        rolloutId = crowd.deviceClass() + "-" + epoch;
        ThresholdUpdate update = ThresholdUpdate.newBuilder()
                .setDeviceClass(crowd.deviceClass())
                .setSimulated(true)
                .setEpoch(epoch)
                .setPreviousEpoch(epoch - 1)
                .setRolloutId(rolloutId)
                .setStage(RolloutStage.PARTIAL)
                .setMembershipPerMille(perMille)
                .setMode(DelegationMode.THRESHOLDS)
                .setMinOperators(3)
                .setMinMacs(1_000_000_000L)
                .setMaxBytesPerMac(0.1)
                .setObjective(Objective.LATENCY)
                .setKillSwitch(false)
                .setIssuedAt(Instant.ofEpochMilli(System.currentTimeMillis()))
                .setIssuedBy("stream-bench")
                .setReason("simulated: a stage for the benchmark's ledgers")
                .build();
        writer.control(Topic.THRESHOLDS, ThresholdKeys.of(update), update);
        writer.flush();
    }

    /**
     * One inference of each device.
     *
     * @param devices named {@code prefix-0} and so on
     * @param slower factor on every branch's time
     */
    void round(String prefix, int devices, long sequence, double slower) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> parts = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int part = i;
                parts.add(threads.submit(() -> part(prefix, devices, sequence, slower, part)));
            }
            for (Future<?> part : parts) {
                part.get();
            }
            writer.flush();
        } finally {
            threads.shutdownNow();
        }
    }

    private void part(String prefix, int devices, long sequence, double slower, int part) {
        SplittableRandom random = new SplittableRandom(SEED + sequence * THREADS + part);
        for (int device = part; device < devices; device += THREADS) {
            String id = prefix + "-" + device;
            boolean member = trialEpoch != 0 && RolloutMembership.isMember(id, rolloutId, membersPerMille);
            writer.inference(crowd.inference(id, sequence, System.currentTimeMillis(), member ? trialEpoch : 0, false, slower, random));
        }
    }
}
