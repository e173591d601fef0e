package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class StageJudgeTest {
    private final StagedOptions options = StagedOptions.defaults();
    private final StageJudge judge = new StageJudge(options);
    private final SplittableRandom random = new SplittableRandom(3);
    private final FailureGuard quiet = new FailureGuard(0.001);

    @Test
    void whatIsSurelyNotSlowerIsPromoted() {
        StageVerdict.Promote promote = assertInstanceOf(StageVerdict.Promote.class, judge(0.02, 0, -0.1, -0.1));

        assertEquals(-0.1, promote.evidence().mean().change(), 0.02);
        assertEquals(20, promote.evidence().mean().members());
    }

    @Test
    void whatIsSurelySlowerIsTakenBack() {
        StageVerdict.Rollback rollback = assertInstanceOf(StageVerdict.Rollback.class, judge(0.02, 0, 0.1, 0));

        assertTrue(rollback.why().startsWith("members became slower"), rollback.why());
    }

    @Test
    void aTailThatRisesWhileTheMeanStaysIsTakenBack() {
        StageVerdict.Rollback rollback = assertInstanceOf(StageVerdict.Rollback.class, judge(0.02, 0, 0, 0.3));

        assertTrue(rollback.why().startsWith("members' 95th percentile rose"), rollback.why());
    }

    @Test
    void whatMovesAllDevicesAlikeIsNoHarm() {
        assertInstanceOf(StageVerdict.Promote.class, judge(0.02, 0.4, -0.05, -0.05));
    }

    @Test
    void aHarmThatCannotBeExcludedYetIsHeld() {
        assertInstanceOf(StageVerdict.Hold.class, judge(0.2, 0, 0.03, 0));
    }

    @Test
    void noDataIsHeldAndNeverPromoted() {
        StageVerdict.Hold hold = assertInstanceOf(StageVerdict.Hold.class, judge.judge(GroupLook.NONE, GroupLook.NONE, 11, quiet));

        assertEquals(StageVerdict.Cause.TOO_FEW_DEVICES, hold.cause());
        assertTrue(hold.why().startsWith("0 members and 0 control devices"), hold.why());
    }

    @Test
    void fewerMembersThanPlannedAreHeld() {
        assertInstanceOf(StageVerdict.Hold.class, judge.judge(better(8), control(), 11, quiet));
    }

    @Test
    void membersThatFellSilentMakeTheGroupsIncomparable() {
        StageVerdict.Hold hold = assertInstanceOf(StageVerdict.Hold.class,
                judge.judge(Looks.counted(better(20), 40, 20, 20, 0),
                        Looks.counted(control(), 200, 198, 198, 0), 11, quiet));

        assertTrue(hold.why().contains("20 of 40 members report"), hold.why());
    }

    @Test
    void failuresAreTakenBackBeforeAnyLatencyIsKnown() {
        FailureGuard alarmed = new FailureGuard(0.001);
        alarmed.look(20, 15, 200, 0);

        StageVerdict.Rollback rollback =
                assertInstanceOf(StageVerdict.Rollback.class, judge.judge(GroupLook.NONE, GroupLook.NONE, 11, alarmed));
        assertTrue(rollback.why().startsWith("failures among members"), rollback.why());
    }

    @Test
    void devicesThatAllSayTheVerySameAreNotBelieved() {
        GroupLook copies = Looks.group(20, 0, -0.2, -0.2, random);

        StageVerdict.Hold hold = assertInstanceOf(StageVerdict.Hold.class,
                judge.judge(copies, Looks.group(200, 0, 0, 0, random), 11, quiet));
        assertEquals(StageVerdict.Cause.NO_SPREAD, hold.cause());
    }

    @Nested
    class ByEnergy {
        private final StageJudge byEnergy = new StageJudge(options.judging(Criterion.ENERGY, Math.log(1.25)));

        @Test
        void lessEnergyIsPromotedThoughItIsSlowerWithinTheGuard() {
            StageVerdict verdict = judged(byEnergy, -0.2, Math.log(1.1));

            assertInstanceOf(StageVerdict.Promote.class, verdict);
            assertEquals(Math.log(1.1), verdict.guard().estimate().change(), 0.02);
        }

        @Test
        void moreEnergyIsTakenBackThoughItIsFaster() {
            StageVerdict.Rollback rollback = assertInstanceOf(StageVerdict.Rollback.class, judged(byEnergy, 0.1, -0.3));

            assertTrue(rollback.why().startsWith("members took more energy"), rollback.why());
        }

        @Test
        void lessEnergyIsTakenBackWhereItIsSlowerThanTheGuardAllows() {
            StageVerdict.Rollback rollback = assertInstanceOf(StageVerdict.Rollback.class, judged(byEnergy, -0.2, Math.log(1.5)));

            assertTrue(rollback.why().startsWith("members' latency is surely worse by more than +25.0 %"), rollback.why());
        }

        @Test
        void aLatencyThatMayBeBeyondTheGuardKeepsItFromGoingOn() {
            StageVerdict.Hold hold = assertInstanceOf(StageVerdict.Hold.class, judged(byEnergy, -0.2, Math.log(1.25)));

            assertEquals(StageVerdict.Cause.GUARD_UNCLEAR, hold.cause());
        }

        @Test
        void energyThatIsUnavailableIsHeldAndSaid() {
            StageVerdict.Hold hold = assertInstanceOf(StageVerdict.Hold.class,
                    byEnergy.judge(Looks.unmetered(20), Looks.unmetered(200), 11, quiet));

            assertEquals(StageVerdict.Cause.ENERGY_UNAVAILABLE, hold.cause());
            assertTrue(hold.why().contains("energy is unavailable from 20 members and 200 of the others"), hold.why());
        }

        @Test
        void metersThatFallSilentAmongMembersAloneMakeTheGroupsIncomparable() {
            StageVerdict.Hold hold = assertInstanceOf(StageVerdict.Hold.class,
                    byEnergy.judge(better(20).and(Looks.unmetered(20)), control(), 11, quiet));

            assertEquals(StageVerdict.Cause.ENERGY_UNAVAILABLE, hold.cause());
        }

        @Test
        void metersThatAMixedClassLacksEverywhereDoNot() {
            assertInstanceOf(StageVerdict.Promote.class, byEnergy.judge(
                    Looks.guarded(better(20), 0.02, 0, random).and(Looks.unmetered(20)),
                    Looks.guarded(control(), 0.02, 0, random).and(Looks.unmetered(200)), 11, quiet));
        }
    }

    @Test
    void energyGuardsLatencyAsFarAsItIsMetered() {
        StageVerdict.Rollback rollback = assertInstanceOf(StageVerdict.Rollback.class, judged(judge, -0.2, Math.log(1.6)));
        assertTrue(rollback.why().startsWith("members' energy is surely worse by more than +25.0 %"), rollback.why());

        assertInstanceOf(StageVerdict.Promote.class, judged(judge, -0.2, Math.log(1.25)));
        assertInstanceOf(StageVerdict.Promote.class, judge.judge(better(20), control(), 11, quiet));
    }

    private StageVerdict judged(StageJudge by, double change, double guard) {
        return by.judge(Looks.guarded(Looks.group(20, 0.02, change, change, random), 0.02, guard, random),
                Looks.guarded(control(), 0.02, 0, random), 11, quiet);
    }

    private StageVerdict judge(double deviation, double common, double mean, double tail) {
        return judge.judge(Looks.group(20, deviation, common + mean, common + tail, random),
                Looks.group(200, deviation, common, common, random), 11, quiet);
    }

    private GroupLook better(int members) {
        return Looks.group(members, 0.02, -0.2, -0.2, random);
    }

    private GroupLook control() {
        return Looks.group(200, 0.02, 0, 0, random);
    }
}
