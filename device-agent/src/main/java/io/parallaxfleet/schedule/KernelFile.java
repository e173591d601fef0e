package io.parallaxfleet.schedule;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A text file of the kernel that is read again and again for a number. It stays open and what is read stays in one buffer, so that
 * reading allocates nothing: runs ask for free memory ten times a second. A file that is missing or may not be read when it is opened
 * holds nothing, which is how a kernel or a sandbox says "not here". Not thread-safe.
 */
final class KernelFile implements AutoCloseable {
    /** What cgroup v2 writes where there is no limit. */
    private static final byte[] NO_LIMIT = "max".getBytes(StandardCharsets.US_ASCII);

    private static final int USUAL_BYTES = 2048;

    private final Path path;
    /** Null where there is nothing to read. */
    private final RandomAccessFile file;
    private byte[] text = new byte[USUAL_BYTES];
    private int length;

    private KernelFile(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    static KernelFile open(Path path) {
        try {
            return new KernelFile(path, Files.isRegularFile(path) ? new RandomAccessFile(path.toFile(), "r") : null);
        } catch (FileNotFoundException e) {
            return new KernelFile(path, null);
        }
    }

    /** The lines of a file that is read once; none when it is missing or may not be read. */
    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    /**
     * The number that the file holds.
     *
     * @param absent the answer when it is not there or says there is no limit
     * @throws IllegalStateException that names the file when it holds anything else
     */
    long number(long absent) {
        read();
        int start = skipBlanks(0);
        return start == endOfWord(start) || isWord(start, NO_LIMIT) ? absent : parse(start);
    }

    /**
     * The number after a key in a file of {@code key value} lines.
     *
     * @param absent the answer when there is no such line
     */
    long field(byte[] key, long absent) {
        read();
        for (int line = 0; line < length; line = nextLine(line)) {
            int start = skipBlanks(line);
            if (isWord(start, key)) {
                int value = skipBlanks(start + key.length);
                if (value != endOfWord(value)) {
                    return parse(value);
                }
            }
        }
        return absent;
    }

    private void read() {
        length = 0;
        if (file == null) {
            return;
        }
        try {
            file.seek(0);
            for (int read = file.read(text); read > 0; read = file.read(text, length, text.length - length)) {
                length += read;
                if (length == text.length) {
                    text = Arrays.copyOf(text, 2 * length);
                }
            }
        } catch (IOException e) {
            // Of a control group that was removed: nothing bounds this process there any more.
            length = 0;
        }
    }

    private int skipBlanks(int from) {
        int position = from;
        while (position < length && (text[position] == ' ' || text[position] == '\t')) {
            position++;
        }
        return position;
    }

    private int nextLine(int from) {
        int position = from;
        while (position < length && text[position] != '\n') {
            position++;
        }
        return position + 1;
    }

    private int endOfWord(int from) {
        int position = from;
        while (position < length && text[position] > ' ') {
            position++;
        }
        return position;
    }

    private boolean isWord(int from, byte[] word) {
        return Arrays.equals(text, from, endOfWord(from), word, 0, word.length);
    }

    private long parse(int from) {
        int end = endOfWord(from);
        long value = 0;
        for (int position = from; position < end; position++) {
            int digit = text[position] - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                throw new IllegalStateException(path + " holds '" + new String(text, from, end - from, StandardCharsets.US_ASCII)
                        + "' where a whole number belongs");
            }
            value = 10 * value + digit;
        }
        return value;
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + path, e);
        }
    }
}
