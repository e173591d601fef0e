package io.parallaxfleet.check.fuzz;

import com.google.protobuf.ByteString;
import io.parallaxfleet.graph.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Breaks constant tensors: what they claim, where they lie, what they hold. */
final class TensorMutator {
    private static final long[] ODD_NUMBERS = {
        0, 1, -1, 2, 3, 7, 64, -2, 1 << 16, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE
    };
    private static final List<String> ODD_LOCATIONS =
            List.of("", "/etc/passwd", "../x", "a\0b", ".", "w.bin", "\\\\host\\w", "sub/../../x", "x".repeat(300));

    private TensorMutator() {}

    /** Numbers at the edges, and any. */
    static long oddNumber(RandomGenerator random) {
        return random.nextInt(4) == 0 ? random.nextLong() : ODD_NUMBERS[random.nextInt(ODD_NUMBERS.length)];
    }

    static void mutate(TensorProto.Builder tensor, RandomGenerator random) {
        switch (random.nextInt(9)) {
            case 7, 8 -> {
                byte[] raw = tensor.getRawData().toByteArray();
                if (raw.length >= Long.BYTES) {
                    ByteBuffer numbers = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
                    for (int i = random.nextInt(1, 4); i > 0; i--) {
                        numbers.putLong(Long.BYTES * random.nextInt(raw.length / Long.BYTES), oddNumber(random));
                    }
                    tensor.setRawData(ByteString.copyFrom(raw));
                }
            }
            case 0 -> tensor.addDims(oddNumber(random));
            case 1 -> {
                if (tensor.getDimsCount() > 0) {
                    tensor.setDims(random.nextInt(tensor.getDimsCount()), oddNumber(random));
                }
            }
            case 2 -> tensor.setDataType(random.nextInt(30));
            case 3 -> {
                byte[] raw = tensor.getRawData().toByteArray();
                if (raw.length > 0) {
                    raw[random.nextInt(raw.length)] = (byte) random.nextInt();
                    tensor.setRawData(ByteString.copyFrom(raw));
                }
            }
            case 4 -> {
                // Keeps the size and changes the numbers: axes, shapes and divisors become nonsense.
                byte[] raw = tensor.getRawData().toByteArray();
                Arrays.fill(raw, (byte) (random.nextBoolean() ? 0 : -1));
                tensor.setRawData(ByteString.copyFrom(raw));
            }
            case 5 -> {
                tensor.setDataLocation(TensorProto.DataLocation.EXTERNAL).clearExternalData();
                tensor.addExternalDataBuilder().setKey("location").setValue(ODD_LOCATIONS.get(random.nextInt(ODD_LOCATIONS.size())));
                tensor.addExternalDataBuilder().setKey("offset").setValue(Long.toString(oddNumber(random)));
            }
            default -> {
                if (tensor.getDimsCount() > 1) {
                    // The same number of elements in another rank.
                    long elements = tensor.getDimsList().stream().reduce(1L, (a, b) -> a * b);
                    tensor.clearDims().addDims(elements);
                } else {
                    tensor.addDims(1);
                }
            }
        }
    }
}
