package io.parallaxfleet.dashboards.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/** The static files of the page, read from the class path once; nothing else of the class path can be asked for. Immutable. */
final class PageAssets {
    private static final String PAGE = "/io/parallaxfleet/dashboards/page/";
    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";

    /** @param etag strong validator, quoted as in the header */
    record Asset(String contentType, byte[] bytes, String etag) {}

    private final Map<String, Asset> byPath;

    private PageAssets(Map<String, Asset> byPath) {
        this.byPath = Map.copyOf(byPath);
    }

    /** @throws IllegalStateException when the jar lacks a file of the page */
    static PageAssets load() {
        Map<String, Asset> assets = new TreeMap<>();
        assets.put("/", asset(HTML, PAGE + "index.html"));
        assets.put("/style.css", asset(STYLE, PAGE + "style.css"));
        assets.put("/favicon.svg", asset("image/svg+xml", PAGE + "favicon.svg"));
        for (String script : new String[] {"app.js", "state.js", "format.js", "dom.js", "cards.js", "charts.js", "rollout.js", "tables.js"}) {
            assets.put("/" + script, asset(SCRIPT, PAGE + script));
        }
        assets.put("/chart.js", asset(SCRIPT, "/" + chartLibrary()));
        return new PageAssets(assets);
    }

    Optional<Asset> at(String path) {
        return Optional.ofNullable(byPath.get(path));
    }

    /** Where the chart library lies in its jar; the path holds its version, which only the build knows. */
    private static String chartLibrary() {
        Properties properties = new Properties();
        try (InputStream in = open("/io/parallaxfleet/dashboards/assets.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("reading assets.properties", e);
        }
        return properties.getProperty("chart");
    }

    private static Asset asset(String contentType, String resource) {
        try (InputStream in = open(resource)) {
            byte[] bytes = in.readAllBytes();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Asset(contentType, bytes, '"' + HexFormat.of().formatHex(hash, 0, 12) + '"');
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + resource, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private static InputStream open(String resource) {
        InputStream in = PageAssets.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IllegalStateException("the class path lacks " + resource + "; rebuild the dashboards module");
        }
        return in;
    }
}
