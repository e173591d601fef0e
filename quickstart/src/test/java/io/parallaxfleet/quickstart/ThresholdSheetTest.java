package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.thresholds.ThresholdDecision;
import io.parallaxfleet.thresholds.ThresholdRules;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThresholdSheetTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123456Z");

    @Test
    void the_first_epoch_of_a_class_is_one() {
        ThresholdUpdate update = next(new ThresholdSheet(List.of()), "x86", DelegationPolicy.paper());
        assertEquals(1, update.getEpoch());
        assertEquals(0, update.getPreviousEpoch());
    }

    @Test
    void the_next_epoch_follows_the_newest_of_the_class_whatever_the_order_and_the_other_classes() {
        ThresholdUpdate first = next(new ThresholdSheet(List.of()), "x86", DelegationPolicy.paper());
        ThresholdUpdate second = next(new ThresholdSheet(List.of(first)), "x86", new DelegationPolicy.Never());
        ThresholdUpdate other = next(new ThresholdSheet(List.of()), "arm", DelegationPolicy.paper());
        ThresholdSheet sheet = new ThresholdSheet(List.of(second, other, first));
        assertEquals(3, next(sheet, "x86", DelegationPolicy.paper()).getEpoch());
        assertEquals(List.of(other, second), sheet.newest());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x86", "sim-phone"})
    void a_device_of_the_class_applies_what_is_published(String deviceClass) {
        DelegationPolicy policy = new DelegationPolicy.Thresholds(7, 123, 0.5);
        ThresholdUpdate update = next(new ThresholdSheet(List.of()), deviceClass, policy);
        boolean simulated = deviceClass.startsWith("sim-");
        ThresholdRules rules = new ThresholdRules(new DeviceIdentity("d1", deviceClass, simulated), Optional.empty());
        var decision = rules.judge(update, PolicyInForce.builtIn(DelegationPolicy.paper()));
        assertEquals(policy, assertInstanceOf(ThresholdDecision.Apply.class, decision).next().policy());
    }

    @Test
    void never_is_published_as_a_mode_and_shown_as_such() {
        ThresholdUpdate update = next(new ThresholdSheet(List.of()), "x86", new DelegationPolicy.Never());
        assertEquals("never delegate", ThresholdSheet.describe(update));
    }

    @Test
    void the_simulated_flag_follows_the_class_name() {
        assertTrue(next(new ThresholdSheet(List.of()), "sim-x", DelegationPolicy.paper()).getSimulated());
        assertFalse(next(new ThresholdSheet(List.of()), "x", DelegationPolicy.paper()).getSimulated());
    }

    private static ThresholdUpdate next(ThresholdSheet sheet, String deviceClass, DelegationPolicy policy) {
        return sheet.next(deviceClass, policy, "test", "because", NOW);
    }
}
