package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StageJudgeTest {
    private static final Reporting ALL_REPORT = new Reporting(20, 20, 200, 200);

    private final StagedOptions options = StagedOptions.defaults();
    private final StageJudge judge = new StageJudge(options);
    private final FailureGuard quiet = new FailureGuard(0.001);

    @Test
    void whatIsSurelyNotSlowerIsPromoted() {
        StageVerdict.Promote promote = assertInstanceOf(StageVerdict.Promote.class, judge(devices(20, 200, 0, -0.1, -0.1)));

        assertEquals(-0.1, promote.evidence().mean().change(), 0.02);
        assertEquals(20, promote.evidence().mean().members());
    }

    @Test
    void whatIsSurelySlowerIsTakenBack() {
        StageVerdict.Rollback rollback = assertInstanceOf(StageVerdict.Rollback.class, judge(devices(20, 200, 0, 0.1, 0)));

        assertTrue(rollback.why().startsWith("members became slower"), rollback.why());
    }

    @Test
    void aTailThatRisesWhileTheMeanStaysIsTakenBack() {
        StageVerdict.Rollback rollback = assertInstanceOf(StageVerdict.Rollback.class, judge(devices(20, 200, 0, 0, 0.3)));

        assertTrue(rollback.why().startsWith("members' 95th percentile rose"), rollback.why());
    }

    @Test
    void whatMovesAllDevicesAlikeIsNoHarm() {
        assertInstanceOf(StageVerdict.Promote.class, judge(devices(20, 200, 0.4, -0.05, -0.05)));
    }

    @Test
    void aHarmThatCannotBeExcludedYetIsHeld() {
        assertInstanceOf(StageVerdict.Hold.class, judge(scattered(20, 200, 0.2, 0, 0.03, 0)));
    }

    @Test
    void noDataIsHeldAndNeverPromoted() {
        StageVerdict.Hold hold = assertInstanceOf(StageVerdict.Hold.class, judge(List.of()));

        assertTrue(hold.why().startsWith("0 members and 0 control devices"), hold.why());
    }

    @Test
    void fewerMembersThanPlannedAreHeld() {
        assertInstanceOf(StageVerdict.Hold.class, judge.judge(devices(8, 200, 0, -0.2, -0.2), 11, ALL_REPORT, quiet));
    }

    @Test
    void membersThatFellSilentMakeTheGroupsIncomparable() {
        StageVerdict.Hold hold = assertInstanceOf(StageVerdict.Hold.class,
                judge.judge(devices(20, 200, 0, -0.2, -0.2), 11, new Reporting(40, 20, 200, 198), quiet));

        assertTrue(hold.why().contains("20 of 40 members report"), hold.why());
    }

    @Test
    void failuresAreTakenBackBeforeAnyLatencyIsKnown() {
        FailureGuard alarmed = new FailureGuard(0.001);
        alarmed.look(20, 15, 200, 0);

        StageVerdict.Rollback rollback =
                assertInstanceOf(StageVerdict.Rollback.class, judge.judge(List.of(), 11, ALL_REPORT, alarmed));
        assertTrue(rollback.why().startsWith("failures among members"), rollback.why());
    }

    private StageVerdict judge(List<DeviceChange> devices) {
        return judge.judge(devices, 11, ALL_REPORT, quiet);
    }

    private static List<DeviceChange> devices(int members, int control, double common, double mean, double tail) {
        return scattered(members, control, 0.02, common, mean, tail);
    }

    private static List<DeviceChange> scattered(int members, int control, double deviation, double common, double mean, double tail) {
        SplittableRandom random = new SplittableRandom(3);
        List<DeviceChange> devices = new ArrayList<>();
        for (int i = 0; i < members + control; i++) {
            boolean member = i < members;
            devices.add(new DeviceChange(member, common + (member ? mean : 0) + deviation * random.nextGaussian(),
                    common + (member ? tail : 0) + 2 * deviation * random.nextGaussian()));
        }
        return devices;
    }
}
