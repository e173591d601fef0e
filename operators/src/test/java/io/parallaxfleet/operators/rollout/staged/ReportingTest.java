package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ReportingTest {
    @Test
    void groupsThatFallSilentAlikeAreBalanced() {
        assertTrue(new Reporting(20, 15, 2000, 1500).balanced());
        assertTrue(new Reporting(20, 0, 2000, 0).balanced());
    }

    @Test
    void membersThatFallSilentAloneAreNot() {
        assertFalse(new Reporting(20, 12, 2000, 1990).balanced());
    }

    @Test
    void moreReportersThanDevicesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Reporting(1, 2, 1, 1));
    }
}
