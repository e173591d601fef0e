package io.parallaxfleet.svg;

/**
 * Estimates how wide text is drawn in a sans-serif font, from the widest of the usual ones (DejaVu Sans), so that what is
 * measured to fit does fit in the others.
 */
public final class TextWidth {
    private TextWidth() {}

    /** Pixels at a font size of that many pixels. */
    public static double of(String text, double fontPixels) {
        double width = 0;
        for (int i = 0; i < text.length(); i++) {
            width += em(text.charAt(i));
        }
        return width * fontPixels;
    }

    private static double em(char character) {
        if ("ijl|'".indexOf(character) >= 0) {
            return 0.29;
        }
        if (" I.,:;!/()[]-tfr·".indexOf(character) >= 0) {
            return 0.42;
        }
        if ("mwMWQO%@…".indexOf(character) >= 0) {
            return 1.0;
        }
        return Character.isUpperCase(character) ? 0.72 : character < 128 ? 0.64 : 1.0;
    }

    /** The text, or as much of its beginning as fits with an ellipsis. */
    public static String fit(String text, double fontPixels, double pixels) {
        if (of(text, fontPixels) <= pixels) {
            return text;
        }
        int end = text.length();
        while (end > 0 && of(text.substring(0, end) + "…", fontPixels) > pixels) {
            end--;
        }
        return text.substring(0, end).stripTrailing() + "…";
    }
}
