package io.parallaxfleet.uplink;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the fleet's broker and schema registry are.
 *
 * @param bootstrap comma-separated {@code host:port}
 * @param registry base URL
 */
public record BrokerAddress(String bootstrap, URI registry) {
    private static final Pattern HOST_PORT = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+):(\\d{1,5})");

    /** @throws IllegalArgumentException in one line that names the part that is wrong */
    public static BrokerAddress parse(String bootstrap, String registry) {
        for (String part : bootstrap.split(",", -1)) {
            Matcher matcher = HOST_PORT.matcher(part.trim());
            if (!matcher.matches() || Integer.parseInt(matcher.group(2)) < 1 || Integer.parseInt(matcher.group(2)) > 65_535) {
                throw new IllegalArgumentException("bootstrap address '" + part.trim() + "' is malformed; write HOST:PORT, e.g. localhost:9092");
            }
        }
        return new BrokerAddress(bootstrap.replace(" ", ""), registryUrl(registry));
    }

    private static URI registryUrl(String text) {
        try {
            URI url = new URI(text.trim());
            if (("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null) {
                return url;
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(malformed(text), e);
        }
        throw new IllegalArgumentException(malformed(text));
    }

    private static String malformed(String text) {
        return "registry URL '" + text + "' is malformed; write e.g. http://localhost:8081";
    }
}
