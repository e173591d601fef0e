package io.parallaxfleet.svg;

/** Text inside an SVG document. */
public final class SvgText {
    private SvgText() {}

    /** Names come from models: what XML does not allow, even escaped, becomes a question mark. */
    public static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(character -> {
            switch (character) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.appendCodePoint(
                        character == '\n' || character >= 32 && character < 0xD800 || character > 0xDFFF && character < 0xFFFE
                                        || character > 0xFFFF
                                ? character
                                : '?');
            }
        });
        return escaped.toString();
    }
}
