package io.parallaxfleet.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.RolloutMembership;
import io.parallaxfleet.schemas.thresholds.ThresholdKeys;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.telemetry.Plans;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.PolicyFile;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.thresholds.ThresholdRules;
import io.parallaxfleet.thresholds.ThresholdStore;
import io.parallaxfleet.thresholds.Updates;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the whole class runs is under one key of the compacted topic, what a share of it tries under another. */
class StagedRolloutOnDeviceTest {
    private static final String ROLLOUT = "rollout-of-epoch-5";
    private static final long BASELINE_MACS = 4_000;
    private static final long CANDIDATE_MACS = 5_000;

    @TempDir
    private Path directory;

    /** A device with the policy file that it would find after a restart. */
    private final class Device {
        private final RecordedOutbox outbox = new RecordedOutbox();
        private final DeviceIdentity identity;
        private ThresholdStore store;
        private Replanner replanner;

        Device(String id) {
            identity = new DeviceIdentity(id, Updates.DEVICE.deviceClass(), false);
            restart();
        }

        void restart() {
            PolicyFile file = new PolicyFile(directory.resolve(identity.deviceId() + ".json"), identity.deviceClass());
            PolicyInForce start = file.read() instanceof PolicyFile.Content.Present present
                    ? present.policy()
                    : PolicyInForce.builtIn(Plans.EAGER);
            store = new ThresholdStore(new ThresholdRules(identity, Optional.empty()), start, Optional.of(file));
            replanner = new Replanner(identity, store, List.of(new FakeModel("m", Plans.EAGER)), new PlanBook(identity, "1", outbox),
                    outbox, RecordedOutbox.silence(), Clock.systemUTC(), () -> 0L);
        }

        Device reads(ThresholdUpdate... updates) {
            replanner.process(List.of(updates));
            return this;
        }

        long epoch() {
            return store.inForce().epoch();
        }

        long minMacs() {
            return assertInstanceOf(DelegationPolicy.Thresholds.class, store.inForce().policy()).minMacs();
        }

        List<AckOutcome> outcomes() {
            return outbox.values(Topic.THRESHOLD_ACKS, ThresholdAck.class).stream().map(ThresholdAck::getOutcome).toList();
        }
    }

    /** A device that takes part from this share on and not at the half of it. */
    private Device device(int perMille) {
        return new Device(IntStream.range(0, 100_000)
                .mapToObj(i -> "device-" + i)
                .filter(id -> {
                    int bucket = RolloutMembership.bucket(id, ROLLOUT);
                    return bucket < perMille && bucket >= perMille / 2;
                })
                .findFirst()
                .orElseThrow());
    }

    private static ThresholdUpdate baseline(long epoch) {
        return Updates.update(epoch).setMinMacs(BASELINE_MACS).build();
    }

    private static ThresholdUpdate stage(long epoch, int perMille) {
        return Updates.update(epoch)
                .setRolloutId(ROLLOUT)
                .setStage(perMille == 0 ? RolloutStage.SHADOW : RolloutStage.CANARY)
                .setMembershipPerMille(perMille)
                .setMinMacs(CANDIDATE_MACS)
                .build();
    }

    private static ThresholdUpdate complete(long epoch) {
        return Updates.update(epoch).setRolloutId(ROLLOUT).setMinMacs(CANDIDATE_MACS).build();
    }

    private static ThresholdUpdate rollback(long epoch) {
        return Updates.update(epoch).setRolloutId(ROLLOUT).setStage(RolloutStage.ROLLED_BACK).setMinMacs(BASELINE_MACS).build();
    }

    @Nested
    class AMember {
        @Test
        void runsTheCandidateWhicheverKeyItReadsFirst() {
            assertEquals(CANDIDATE_MACS, device(10).reads(baseline(4), stage(5, 10)).minMacs());
            assertEquals(CANDIDATE_MACS, device(9).reads(stage(5, 10), baseline(4)).minMacs());
        }

        @Test
        void saysThatItAppliedTheCandidateAndThatTheBaselineIsBehind() {
            assertEquals(List.of(AckOutcome.APPLIED, AckOutcome.STALE), device(10).reads(stage(5, 10)).reads(baseline(4)).outcomes());
        }

        @Test
        void staysOneAtEveryLargerShareUnderItsEpoch() {
            Device device = device(10).reads(baseline(4), stage(5, 10)).reads(stage(6, 50)).reads(stage(7, 250));
            assertEquals(7, device.epoch());
            assertEquals(CANDIDATE_MACS, device.minMacs());
        }

        @Test
        void keepsTheCandidateOverARestart() {
            Device device = device(10).reads(baseline(4), stage(5, 10));
            device.restart();
            assertEquals(5, device.epoch());
            assertEquals(CANDIDATE_MACS, device.reads(baseline(4), stage(5, 10)).minMacs());
        }

        @Test
        void returnsWithTheRollbackAndIsNotDrawnBackByTheCandidateThatItReadsAgain() {
            Device device = device(10).reads(baseline(4), stage(5, 10)).reads(rollback(6));
            assertEquals(BASELINE_MACS, device.minMacs());
            device.restart();
            assertEquals(BASELINE_MACS, device.reads(stage(5, 10), rollback(6)).minMacs());
            assertEquals(6, device.epoch());
        }
    }

    @Nested
    class OneThatIsNotAMember {
        @Test
        void runsTheBaselineWhicheverKeyItReadsFirst() {
            assertEquals(BASELINE_MACS, device(900).reads(baseline(4), stage(5, 10)).minMacs());
            assertEquals(BASELINE_MACS, device(901).reads(stage(5, 10), baseline(4)).minMacs());
        }

        @Test
        void saysSo() {
            assertEquals(List.of(AckOutcome.NOT_MEMBER, AckOutcome.APPLIED), device(900).reads(stage(5, 10), baseline(4)).outcomes());
        }

        @Test
        void runsItsOwnThresholdsWhereNothingWasEverPublishedForAll() {
            assertEquals(0, device(900).reads(stage(1, 10)).epoch());
        }

        @Test
        void getsTheNewThresholdsWhenTheRolloutIsComplete() {
            assertEquals(CANDIDATE_MACS, device(900).reads(baseline(4), stage(5, 10)).reads(complete(8)).minMacs());
        }
    }

    @Test
    void aLateJoinerFallsIntoTheCurrentStage() {
        // Compaction has left the newest stage alone.
        assertEquals(CANDIDATE_MACS, device(50).reads(baseline(4), stage(6, 50)).minMacs());
        assertEquals(BASELINE_MACS, device(900).reads(baseline(4), stage(6, 50)).minMacs());
    }

    @Test
    void aLateJoinerAfterTheEndRePlansOnceWhateverIsStillUnderTheOtherKey() {
        Device device = device(10).reads(stage(7, 980), complete(8));
        assertEquals(8, device.epoch());
        assertEquals(List.of(AckOutcome.STALE, AckOutcome.APPLIED), device.outcomes());
    }

    @Test
    void inShadowNobodyIsAMember() {
        assertEquals(BASELINE_MACS, device(10).reads(baseline(4), stage(5, 0)).minMacs());
    }

    /** Reading at any time, in any order, after any compaction, with restarts between, ends where reading everything once does. */
    @Test
    void noOrderNoCompactionAndNoRestartChangesWhereADeviceEnds() {
        Random random = new Random(17);
        for (int trial = 0; trial < 300; trial++) {
            boolean completes = random.nextBoolean();
            List<ThresholdUpdate> published = List.of(baseline(4), stage(5, 10), stage(6, 50), stage(7, 250),
                    completes ? complete(8) : rollback(8));
            int known = 1 + random.nextInt(published.size());
            List<ThresholdUpdate> log = compacted(published.subList(0, known), random);
            Device device = new Device("trial-" + trial);
            for (int pass = 0; pass < 2; pass++) {
                Collections.shuffle(log, random);
                log.forEach(device::reads);
                if (random.nextBoolean()) {
                    device.restart();
                }
            }
            assertEquals(expectedEpoch(published.subList(0, known), device.identity.deviceId()), device.epoch(), "trial " + trial);
        }
    }

    /** The last record of a key always stays; of those before, any may be gone. */
    private static List<ThresholdUpdate> compacted(List<ThresholdUpdate> published, Random random) {
        Map<String, ThresholdUpdate> last = new HashMap<>();
        published.forEach(update -> last.put(ThresholdKeys.of(update), update));
        List<ThresholdUpdate> log = new ArrayList<>(published);
        log.removeIf(update -> !last.containsValue(update) && random.nextBoolean());
        return log;
    }

    private static long expectedEpoch(List<ThresholdUpdate> published, String deviceId) {
        return published.stream()
                .filter(update -> RolloutMembership.isMember(deviceId, update.getRolloutId(), update.getMembershipPerMille()))
                .mapToLong(ThresholdUpdate::getEpoch)
                .max()
                .orElse(0);
    }
}
