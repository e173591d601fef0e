package io.parallaxfleet.quickstart.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class EpochAuditTest {
    private final EpochAudit audit = new EpochAudit();

    @Test
    void accepts_epochs_that_follow_one_another_and_stages_of_one_epoch() {
        audit.published(FaultRecords.update(1, 10));
        audit.published(FaultRecords.update(1, 1000));
        audit.published(FaultRecords.update(2, 10));
        audit.acknowledged(FaultRecords.applied("device", 1));

        assertTrue(audit.differences(1).isEmpty(), audit.differences(1)::toString);
        assertEquals(2, audit.publishedEpochs());
    }

    @Test
    void tells_a_skipped_epoch() {
        audit.published(FaultRecords.update(1, 1000));
        audit.published(FaultRecords.update(3, 1000));

        assertEquals(1, audit.differences(1).size());
        assertTrue(audit.differences(1).get(0).startsWith("skipped: epoch 2"), audit.differences(1)::toString);
    }

    @Test
    void tells_an_epoch_that_was_given_out_twice_for_the_same_devices() {
        audit.published(FaultRecords.update(1, 1000));
        audit.published(FaultRecords.update(1, 1000));

        assertEquals(1, audit.differences(1).size());
    }

    @Test
    void tells_a_device_that_applied_an_epoch_oftener_than_it_was_started() {
        audit.published(FaultRecords.update(1, 1000));
        audit.acknowledged(FaultRecords.applied("device", 1));
        audit.acknowledged(FaultRecords.applied("device", 1));

        assertEquals(1, audit.differences(1).size());
        assertTrue(audit.differences(2).isEmpty());
    }

    @Test
    void tells_an_epoch_that_was_applied_but_never_committed() {
        audit.acknowledged(FaultRecords.applied("device", 9));

        assertEquals(1, audit.differences(1).size());
    }
}
