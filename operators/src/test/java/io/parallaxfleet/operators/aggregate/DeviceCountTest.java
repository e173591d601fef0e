package io.parallaxfleet.operators.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DeviceCountTest {
    @Test
    void fewDevicesAreCountedExactlyHoweverOftenTheyReport() {
        DeviceCount count = new DeviceCount();
        for (int round = 0; round < 3; round++) {
            addAll(count, 1, DeviceCount.EXACT);
        }

        assertEquals(DeviceCount.EXACT, count.estimate());
    }

    @Test
    void manyAreEstimatedWithinFourStandardErrors() {
        for (int devices : new int[] {65, 200, 1000, 5000, 50_000, 1_000_000}) {
            DeviceCount count = new DeviceCount();
            addAll(count, devices, devices);

            assertEquals(devices, count.estimate(), 4 * 0.046 * devices);
        }
    }

    @Test
    void mergedCountsAreTheCountOfAll() {
        for (int each : new int[] {20, 50, 3000}) {
            DeviceCount left = new DeviceCount();
            DeviceCount right = new DeviceCount();
            DeviceCount all = new DeviceCount();
            addAll(left, 5, each);
            addAll(right, 6, each);
            addAll(all, 5, each);
            addAll(all, 6, each);

            left.merge(right);

            assertEquals(all.estimate(), left.estimate());
        }
    }

    @Test
    void aSavedCountGoesOnWhereItWas() throws IOException {
        for (int devices : new int[] {0, 30, 500}) {
            DeviceCount count = new DeviceCount();
            addAll(count, 7, devices);
            PackedBytes bytes = new PackedBytes(16);
            count.write(bytes);

            DeviceCount restored = DeviceCount.read(new DataInputStream(new ByteArrayInputStream(bytes.toArray())));
            addAll(count, 8, 100);
            addAll(restored, 8, 100);

            assertEquals(count.estimate(), restored.estimate());
        }
    }

    private static void addAll(DeviceCount count, long seed, int devices) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < devices; i++) {
            count.add(random.nextLong());
        }
    }
}
