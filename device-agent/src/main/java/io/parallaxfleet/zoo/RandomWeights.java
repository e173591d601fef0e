package io.parallaxfleet.zoo;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/**
 * Random weights of a network, the same on every machine: {@code mean + std · g} with {@code g = 2 (u1 + u2 + u3 - 1.5)}, which
 * has mean 0 and variance 1, from one stream for each tensor, seeded with the hash of its name. Immutable.
 *
 * @param totalBytes size of the weights file
 * @param tensors in file order
 */
record RandomWeights(long totalBytes, List<Tensor> tensors) {
    private static final int BUFFER_BYTES = 1 << 18;

    record Tensor(String name, long offset, long count, float mean, float std) {}

    RandomWeights {
        tensors = List.copyOf(tensors);
    }

    /** Parses {@code # total BYTES} and one line {@code name offset count mean std} for each tensor, tab-separated. */
    static RandomWeights parse(String resource, BufferedReader lines) throws IOException {
        long total = -1;
        List<Tensor> tensors = new ArrayList<>();
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            try {
                if (line.startsWith("# total ")) {
                    total = Long.parseLong(line.substring("# total ".length()).trim());
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    String[] fields = line.split("\t");
                    tensors.add(new Tensor(fields[0], Long.parseLong(fields[1]), Long.parseLong(fields[2]),
                            Float.parseFloat(fields[3]), Float.parseFloat(fields[4])));
                }
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new IOException(resource + " line " + number + ": '" + line + "' is not name, offset, count, mean, std", e);
            }
        }
        if (total < 0) {
            throw new IOException(resource + " does not start with '# total BYTES'");
        }
        return new RandomWeights(total, tensors);
    }

    /** Streams the weights file: little-endian floats at their offsets, zeros between. */
    void write(WritableByteChannel out, LongConsumer bytesWritten) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long position = 0;
        for (Tensor tensor : tensors) {
            if (tensor.offset() < position) {
                throw new IOException("tensor '" + tensor.name() + "' overlaps the one before it");
            }
            position = zeros(out, buffer, position, tensor.offset(), bytesWritten);
            SplittableRandom random = new SplittableRandom(tensor.name().hashCode());
            for (long i = 0; i < tensor.count(); i++) {
                if (buffer.remaining() < Float.BYTES) {
                    position += flush(out, buffer);
                    bytesWritten.accept(position);
                }
                float g = (float) (2 * (random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5));
                buffer.putFloat(tensor.mean() + tensor.std() * g);
            }
            position += flush(out, buffer);
        }
        zeros(out, buffer, position, totalBytes, bytesWritten);
        bytesWritten.accept(totalBytes);
    }

    private static long zeros(WritableByteChannel out, ByteBuffer buffer, long from, long to, LongConsumer bytesWritten)
            throws IOException {
        long position = from;
        while (position < to) {
            for (long i = Math.min(to - position, buffer.capacity()); i > 0; i--) {
                buffer.put((byte) 0);
            }
            position += flush(out, buffer);
            bytesWritten.accept(position);
        }
        return position;
    }

    private static long flush(WritableByteChannel out, ByteBuffer buffer) throws IOException {
        buffer.flip();
        long bytes = 0;
        while (buffer.hasRemaining()) {
            bytes += out.write(buffer);
        }
        buffer.clear();
        return bytes;
    }
}
