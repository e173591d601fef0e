package io.parallaxfleet.schedule;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** Numbers out of the kernel's text files. */
final class KernelFiles {
    /** What cgroup v2 writes where there is no limit. */
    private static final String NO_LIMIT = "max";

    private static final int USUAL_BYTES = 2048;
    /** What stands behind the text. */
    private static final byte END = 0;

    private KernelFiles() {}

    /** The lines; none when the file is missing or may not be read, which is how a kernel or a sandbox says "not here". */
    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** A file of one number; empty when it is not there or says there is no limit. */
    static OptionalLong number(Path file) {
        byte[] text = content(file);
        int start = skipBlanks(text, 0);
        String word = word(text, start);
        return word.isEmpty() || word.equals(NO_LIMIT) ? OptionalLong.empty() : parse(file, word);
    }

    /** The number after a key in a file of {@code key value} lines; empty when there is no such line. */
    static OptionalLong field(Path file, String key) {
        byte[] text = content(file);
        for (int line = 0; line < text.length && text[line] != END; line = nextLine(text, line)) {
            int start = skipBlanks(text, line);
            if (isWord(text, start, key)) {
                String value = word(text, skipBlanks(text, start + key.length()));
                if (!value.isEmpty()) {
                    return parse(file, value);
                }
            }
        }
        return OptionalLong.empty();
    }

    /**
     * The file's bytes, zeros behind them; nothing but zeros where {@link #lines} would be empty. Runs ask for free memory ten
     * times a second: text of every line would be most of the heap they use.
     */
    private static byte[] content(Path file) {
        byte[] text = new byte[USUAL_BYTES];
        int length = 0;
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            for (int read = in.read(text); read > 0; read = in.read(text, length, text.length - length)) {
                length += read;
                if (length == text.length) {
                    text = Arrays.copyOf(text, 2 * length);
                }
            }
            return text;
        } catch (IOException e) {
            return new byte[1];
        }
    }

    private static boolean isBlank(byte character) {
        return character == ' ' || character == '\t';
    }

    private static int skipBlanks(byte[] text, int from) {
        int position = from;
        while (position < text.length && isBlank(text[position])) {
            position++;
        }
        return position;
    }

    private static int nextLine(byte[] text, int from) {
        int position = from;
        while (position < text.length && text[position] != END && text[position] != '\n') {
            position++;
        }
        return position < text.length && text[position] == '\n' ? position + 1 : position;
    }

    private static int endOfWord(byte[] text, int from) {
        int position = from;
        while (position < text.length && text[position] > ' ') {
            position++;
        }
        return position;
    }

    private static String word(byte[] text, int from) {
        return new String(text, from, endOfWord(text, from) - from, StandardCharsets.US_ASCII);
    }

    private static boolean isWord(byte[] text, int from, String word) {
        if (endOfWord(text, from) - from != word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (text[from + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static OptionalLong parse(Path file, String digits) {
        try {
            return OptionalLong.of(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            throw new IllegalStateException(file + " holds '" + digits + "' where a whole number belongs", e);
        }
    }
}
