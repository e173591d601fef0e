package io.parallaxfleet.uplink;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;

/** Durations as people write them: {@code 200ms}, {@code 1.5s}, {@code 2m}, {@code 1h}. */
public final class DurationText implements ITypeConverter<Duration> {
    private static final Pattern TEXT = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|h)");

    /** @throws IllegalArgumentException in one line that says how to write it */
    public static Duration parse(String text) {
        Matcher matcher = TEXT.matcher(text.trim());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a duration; write e.g. 200ms, 1.5s, 2m or 1h");
        }
        double seconds = Double.parseDouble(matcher.group(1)) * switch (matcher.group(2)) {
            case "ms" -> 1e-3;
            case "s" -> 1;
            case "m" -> 60;
            default -> 3600;
        };
        if (seconds > 1e9) {
            throw new IllegalArgumentException("'" + text + "' is longer than any agent runs");
        }
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    @Override
    public Duration convert(String value) {
        try {
            return parse(value);
        } catch (IllegalArgumentException e) {
            throw new picocli.CommandLine.TypeConversionException(e.getMessage());
        }
    }
}
