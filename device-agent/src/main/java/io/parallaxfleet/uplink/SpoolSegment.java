package io.parallaxfleet.uplink;

import io.parallaxfleet.uplink.Spool.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * One file of a {@link Spool}: records one after another, each {@code int32 length, int32 CRC-32C of the payload, payload}. The file
 * name is the number of the first record. Not thread-safe.
 */
final class SpoolSegment implements AutoCloseable {
    private static final int HEADER_BYTES = 2 * Integer.BYTES;
    /** No record is this large; a larger length is a damaged header. */
    private static final int MAX_RECORD_BYTES = 16 << 20;
    private static final Pattern NAME = Pattern.compile("\\d{19}\\.seg");

    private final Path file;
    private final FileChannel channel;
    private final long first;
    private long count;
    private long bytes;
    /** Where the record numbered {@code cursorSequence} starts: reading on does not search again. */
    private long cursorSequence;
    private long cursorOffset;

    private SpoolSegment(Path file, FileChannel channel, long first) {
        this.file = file;
        this.channel = channel;
        this.first = first;
        this.cursorSequence = first;
    }

    static boolean isSegment(Path file) {
        return NAME.matcher(file.getFileName().toString()).matches();
    }

    static SpoolSegment create(Path directory, long first) throws IOException {
        Path file = directory.resolve(String.format("%019d.seg", first));
        return new SpoolSegment(file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ, StandardOpenOption.WRITE), first);
    }

    /** Opens a file and cuts off what follows its last sound record. */
    static SpoolSegment open(Path file) throws IOException {
        long first = Long.parseLong(file.getFileName().toString().substring(0, 19));
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        SpoolSegment segment = new SpoolSegment(file, channel, first);
        Optional<byte[]> payload = segment.payloadAt(0);
        while (payload.isPresent()) {
            segment.bytes += HEADER_BYTES + payload.get().length;
            segment.count++;
            payload = segment.payloadAt(segment.bytes);
        }
        channel.truncate(segment.bytes);
        return segment;
    }

    long first() {
        return first;
    }

    /** Number after the last record. */
    long end() {
        return first + count;
    }

    long bytes() {
        return bytes;
    }

    void append(byte[] payload) throws IOException {
        if (payload.length > MAX_RECORD_BYTES) {
            throw new IllegalArgumentException("a record of " + payload.length + " bytes; at most " + MAX_RECORD_BYTES + " go in");
        }
        ByteBuffer record = ByteBuffer.allocate(HEADER_BYTES + payload.length)
                .putInt(payload.length)
                .putInt(checksum(payload))
                .put(payload)
                .flip();
        long at = bytes;
        while (record.hasRemaining()) {
            at += channel.write(record, at);
        }
        bytes = at;
        count++;
    }

    /** Records from this number on, at most so many; fewer where the file no longer holds sound ones. */
    List<Entry> read(long sequence, int maxRecords) throws IOException {
        if (sequence < cursorSequence) {
            cursorSequence = first;
            cursorOffset = 0;
        }
        while (cursorSequence < sequence) {
            Optional<byte[]> skipped = payloadAt(cursorOffset);
            if (skipped.isEmpty()) {
                return List.of();
            }
            cursorOffset += HEADER_BYTES + skipped.get().length;
            cursorSequence++;
        }
        List<Entry> entries = new ArrayList<>();
        long at = cursorOffset;
        while (entries.size() < maxRecords && sequence + entries.size() < end()) {
            Optional<byte[]> payload = payloadAt(at);
            if (payload.isEmpty()) {
                break;
            }
            entries.add(new Entry(sequence + entries.size(), payload.get()));
            at += HEADER_BYTES + payload.get().length;
        }
        return entries;
    }

    void force() throws IOException {
        channel.force(false);
    }

    void delete() throws IOException {
        close();
        Files.deleteIfExists(file);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** The payload of the record that starts there; empty at the end and where the record is torn or damaged. */
    private Optional<byte[]> payloadAt(long offset) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        if (!fill(header, offset)) {
            return Optional.empty();
        }
        int length = header.getInt(0);
        if (length < 0 || length > MAX_RECORD_BYTES) {
            return Optional.empty();
        }
        ByteBuffer payload = ByteBuffer.allocate(length);
        if (!fill(payload, offset + HEADER_BYTES) || checksum(payload.array()) != header.getInt(Integer.BYTES)) {
            return Optional.empty();
        }
        return Optional.of(payload.array());
    }

    private boolean fill(ByteBuffer buffer, long offset) throws IOException {
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, offset + buffer.position());
            if (read < 0) {
                return false;
            }
        }
        return true;
    }

    private static int checksum(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        return (int) crc.getValue();
    }
}
