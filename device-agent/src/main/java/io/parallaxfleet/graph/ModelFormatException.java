package io.parallaxfleet.graph;

/**
 * A model that cannot be used: missing, truncated, not ONNX, or with an operator or type that cannot run. The message is one line
 * that names the file; control characters in names that the file gives, line ends among them, are shown as {@code ?}.
 */
public final class ModelFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    /** A name may be as long as the file. */
    private static final int LONGEST_MESSAGE = 1_000;

    public ModelFormatException(String message) {
        super(printable(message));
    }

    public ModelFormatException(String message, Throwable cause) {
        super(printable(message), cause);
    }

    private static String printable(String message) {
        String line = message.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]", "?");
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "...";
    }
}
