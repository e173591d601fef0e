package io.parallaxfleet.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The engines of the shapes that a {@link ShapeAdaptiveEngine} holds, by the values of the open dimensions: the ones used last, as many as
 * asked for. What gives way is closed at the next run, since its last outputs may still be read. Not thread-safe: called with the
 * lock of the adaptive engine held.
 */
final class ShapeEngines implements AutoCloseable {
    private static final int REMEMBERED_BUILDS = 64;

    private final int mostLoaded;
    /** The least recently used first. */
    private final Map<Map<String, Long>, ParallaxEngine> loaded = new LinkedHashMap<>(16, 0.75f, true);
    /** Shapes that cannot be planned, with the reason. */
    private final Map<Map<String, Long>, String> refused;
    private final List<ParallaxEngine> retired = new ArrayList<>();
    private final Deque<ShapeBuild> lastBuilds = new ArrayDeque<>();
    private long builds;
    private long evictions;

    /** @param mostRefused how many refusals are remembered */
    ShapeEngines(int mostLoaded, int mostRefused) {
        this.mostLoaded = mostLoaded;
        this.refused = leastRecentlyUsed(mostRefused);
    }

    static <V> Map<Map<String, Long>, V> leastRecentlyUsed(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Map<String, Long>, V> eldest) {
                return size() > most;
            }
        };
    }

    /** The engine of a shape, which counts as used. */
    Optional<ParallaxEngine> loaded(Map<String, Long> shape) {
        return Optional.ofNullable(loaded.get(shape));
    }

    /** Does not count as use. */
    boolean isLoaded(Map<String, Long> shape) {
        return loaded.containsKey(shape);
    }

    List<ParallaxEngine> loaded() {
        return List.copyOf(loaded.values());
    }

    /** Takes an engine in, and lets the shape that was not used for longest give way where there are too many. */
    void load(Map<String, Long> shape, ParallaxEngine engine) {
        builds++;
        loaded.put(shape, engine);
        if (loaded.size() > mostLoaded) {
            Map<String, Long> eldest = loaded.keySet().iterator().next();
            retired.add(loaded.remove(eldest));
            evictions++;
        }
    }

    void refuse(Map<String, Long> shape, String why) {
        refused.put(shape, why);
    }

    boolean isRefused(Map<String, Long> shape) {
        return refused.containsKey(shape);
    }

    Map<Map<String, Long>, String> refusals() {
        return Map.copyOf(refused);
    }

    void remember(ShapeBuild build) {
        lastBuilds.addLast(build);
        if (lastBuilds.size() > REMEMBERED_BUILDS) {
            lastBuilds.removeFirst();
        }
    }

    /** The latest at the end. */
    List<ShapeBuild> lastBuilds() {
        return List.copyOf(lastBuilds);
    }

    long builds() {
        return builds;
    }

    long evictions() {
        return evictions;
    }

    void closeRetired() {
        retired.forEach(ParallaxEngine::close);
        retired.clear();
    }

    @Override
    public void close() {
        closeRetired();
        loaded.values().forEach(ParallaxEngine::close);
        loaded.clear();
    }
}
