package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
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
