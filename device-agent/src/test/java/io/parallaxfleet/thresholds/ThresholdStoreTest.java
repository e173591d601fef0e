package io.parallaxfleet.thresholds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.partition.DelegationPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThresholdStoreTest {
    private final ThresholdRules rules = new ThresholdRules(Updates.DEVICE, Optional.empty());
    private final PolicyInForce start = PolicyInForce.builtIn(DelegationPolicy.paper());

    @TempDir
    private Path directory;

    private PolicyFile file() {
        return new PolicyFile(directory.resolve("policy.json"), Updates.DEVICE.deviceClass());
    }

    private ThresholdDecision.Apply accepted(ThresholdStore store, long epoch) {
        return assertInstanceOf(ThresholdDecision.Apply.class, store.judge(Updates.update(epoch).build()));
    }

    @Test
    void judgingChangesNothing() {
        ThresholdStore store = new ThresholdStore(rules, start, Optional.of(file()));

        accepted(store, 1);

        assertEquals(start, store.inForce());
        assertInstanceOf(PolicyFile.Content.Absent.class, file().read());
    }

    @Test
    void aCommittedPolicyIsThereAfterARestart() {
        ThresholdStore store = new ThresholdStore(rules, start, Optional.of(file()));

        store.commit(accepted(store, 1));

        assertEquals(new PolicyFile.Content.Present(store.inForce()), file().read());
        assertEquals(1, store.inForce().epoch());
    }

    @Test
    void neverAndTheKillSwitchSurviveARestartToo() {
        PolicyInForce never = new PolicyInForce(new DelegationPolicy.Never(), 7, "r", PolicyInForce.Origin.PUBLISHED);
        PolicyInForce killed = new PolicyInForce(DelegationPolicy.paper(), 8, "r", PolicyInForce.Origin.KILL_SWITCH);

        file().write(never);
        assertEquals(new PolicyFile.Content.Present(never), file().read());
        file().write(killed);
        assertEquals(new PolicyFile.Content.Present(killed), file().read());
    }

    @Test
    void aDecisionThatWasOvertakenIsNotCommitted() {
        ThresholdStore store = new ThresholdStore(rules, start, Optional.empty());
        ThresholdDecision.Apply first = accepted(store, 1);
        store.commit(accepted(store, 2));

        assertThrows(IllegalStateException.class, () -> store.commit(first));
        assertEquals(2, store.inForce().epoch());
    }

    @Test
    void aDiskThatRefusesLeavesTheOldPolicyInForce() throws IOException {
        Path blocked = directory.resolve("blocked");
        Files.writeString(blocked, "a file where a directory should be");
        ThresholdStore store = new ThresholdStore(rules, start,
                Optional.of(new PolicyFile(blocked.resolve("policy.json"), Updates.DEVICE.deviceClass())));

        assertThrows(UncheckedIOException.class, () -> store.commit(accepted(store, 1)));
        assertEquals(start, store.inForce());
    }

    @Test
    void aDamagedFileIsUnusableWithTheFileNamed() throws IOException {
        Files.writeString(directory.resolve("policy.json"), "{\"version\":1,\"deviceC");

        String reason = assertInstanceOf(PolicyFile.Content.Unusable.class, file().read()).reason();

        assertTrue(reason.contains("policy.json") && reason.lines().count() == 1, reason);
    }

    @Test
    void aFileWithValuesOutOfRangeIsUnusable() throws IOException {
        file().write(new PolicyInForce(new DelegationPolicy.Thresholds(3, 1, 1), 2, "r", PolicyInForce.Origin.PUBLISHED));
        Path path = directory.resolve("policy.json");
        Files.writeString(path, Files.readString(path).replace("\"minOperators\":3", "\"minOperators\":-3"));

        assertInstanceOf(PolicyFile.Content.Unusable.class, file().read());
    }

    @Test
    void aFileOfAnotherClassIsUnusable() {
        new PolicyFile(directory.resolve("policy.json"), "linux-x86_64-other")
                .write(new PolicyInForce(DelegationPolicy.paper(), 3, "r", PolicyInForce.Origin.PUBLISHED));

        assertInstanceOf(PolicyFile.Content.Unusable.class, file().read());
    }
}
