package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassObservationsCodecTest {
    private static final ClassKey CLASS = new ClassKey("board", false);

    @Test
    void whatIsSavedGoesOnAsIfNothingHadHappened() throws IOException {
        ClassObservations original = new ClassObservations(3);
        original.workload().addPlan(Plans.ofTwoBranches("plan"));
        observe(original, 0, 500);
        ClassObservations restored = read(write(original));

        observe(original, 500, 900);
        observe(restored, 500, 900);

        assertTrue(restored.changed());
        assertEquals(original.workload().regions(), restored.workload().regions());
        assertArrayEquals(original.reservoir().regions().get(0).latenciesNanos(),
                restored.reservoir().regions().get(0).latenciesNanos());
    }

    @Test
    void aVersionOfTheFutureIsRefusedByName() {
        IOException refused = assertThrows(IOException.class, () -> read(new byte[] {99}));

        assertTrue(refused.getMessage().contains("version 99"), refused.getMessage());
    }

    private static void observe(ClassObservations observations, int from, int to) {
        for (int i = from; i < to; i++) {
            observations.add(new CostObservation(CLASS, "plan",
                    List.of(new CostSample(new RegionShape(2, 1000, 10), CostSide.ACCELERATOR, 1 + i))));
        }
    }

    private static byte[] write(ClassObservations observations) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ClassObservationsCodec().write(observations, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static ClassObservations read(byte[] bytes) throws IOException {
        return new ClassObservationsCodec().read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }
}
