package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.OpenDimensions;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs a model at whatever shapes its inputs come in.
 *
 * <p>A shape that is loaded runs at once, by its own plan. Any other is planned and its sessions are built on a thread of their
 * own, while runs go on: those at the shapes that are loaded by their plans, those at the new shape in one session that leaves the
 * dimensions open. The new plan is swapped in between runs. Where shapes ask faster than they can be built, the last to ask is
 * built next.
 *
 * <p>The shapes used last stay loaded, as many as asked for; the sessions and arenas of others are given back, before the run that
 * follows, since the last outputs may still be read. Their plans stay at hand.
 *
 * <p>Thread-safe; runs are one at a time.
 */
public final class ShapeAdaptiveEngine implements AutoCloseable {
    /** Graphs and plans that are kept without sessions, for each shape that may be loaded. */
    private static final int KNOWN_FOR_EACH_LOADED = 8;
    private static final int REMEMBERED_BUILDS = 64;

    private final ModelSource source;
    private final OpenDimensions dimensions;
    private final int mostLoaded;
    private final PlanCache plans;
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    /** Held while a plan runs, and for the moment of a swap. */
    private final ReentrantLock lock = new ReentrantLock();
    /** Held while engines are built, re-planned or evicted. Taken before {@link #lock}. */
    private final ReentrantLock buildLock = new ReentrantLock();
    /** By values of the open dimensions, the least recently used first. Changed with both locks held. */
    private final Map<Map<String, Long>, ParallaxEngine> loaded = new LinkedHashMap<>(16, 0.75f, true);
    /** Prepared models, the least recently used first. Guarded by {@link #buildLock}. */
    private final Map<Map<String, Long>, PreparedModel> known;
    /** Shapes that cannot be planned, with the reason. Guarded by {@link #lock}. */
    private final Map<Map<String, Long>, String> refused;
    /** Engines that gave way; closed at the next run. Guarded by {@link #lock}. */
    private final List<ParallaxEngine> retired = new ArrayList<>();
    private final LatestRequest<Map<String, Long>> builder = new LatestRequest<>("parallax-shapes", this::loadOrRefuse);
    /** The options with the policy in force. Guarded by {@link #buildLock}. */
    private EngineOptions options;
    /** Opened when the first run needs it. Guarded by {@link #lock}. */
    private OpenShapeSession openShapes;
    /** Guarded by {@link #lock}. */
    private final Deque<ShapeBuild> lastBuilds = new ArrayDeque<>();
    private boolean closed;
    private long builds;
    private long evictions;
    private long unplannedRuns;

    private ShapeAdaptiveEngine(ModelSource source, EngineOptions options, int mostLoaded) {
        if (mostLoaded < 1) {
            throw new IllegalArgumentException("mostLoaded is " + mostLoaded + "; at least 1 shape must be loaded");
        }
        this.source = source;
        this.dimensions = OpenDimensions.of(source.path());
        // The threads of one shape's sessions would spin beside the next one's run.
        this.options = options.withSpinning(atMostWithinRuns(options));
        this.mostLoaded = mostLoaded;
        this.plans = new PlanCache(KNOWN_FOR_EACH_LOADED * mostLoaded);
        this.known = leastRecentlyUsed(KNOWN_FOR_EACH_LOADED * mostLoaded);
        this.refused = leastRecentlyUsed(KNOWN_FOR_EACH_LOADED * mostLoaded);
    }

    private static Spinning atMostWithinRuns(EngineOptions options) {
        return options.spinning() == Spinning.OFF ? Spinning.OFF : Spinning.WITHIN_RUN;
    }

    private static <V> Map<Map<String, Long>, V> leastRecentlyUsed(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Map<String, Long>, V> eldest) {
                return size() > most;
            }
        };
    }

    /**
     * Loads a model at a first shape and is ready to run it.
     *
     * @param first values of the open dimensions; they win over the source's own
     * @param mostLoaded how many shapes keep their sessions and arenas
     * @throws ModelFormatException when the model cannot be run at that shape
     */
    public static ShapeAdaptiveEngine load(ModelSource source, Map<String, Long> first, EngineOptions options, int mostLoaded) {
        PreparedModel model = ModelPreparation.prepare(source, first, options.cacheDirectory());
        ShapeAdaptiveEngine engine = new ShapeAdaptiveEngine(source, options, mostLoaded);
        try {
            engine.known.put(model.boundDimensions(), model);
            engine.load(model.boundDimensions());
            return engine;
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    /**
     * Runs the model. The inputs stay the caller's and must not change while the run lasts.
     *
     * @throws IllegalArgumentException when an input is missing or its shape is none that the model takes
     */
    public ShapedRun run(Map<String, OnnxTensor> inputs) {
        Map<String, Long> shape = dimensions.valuesFor(
                input -> inputs.containsKey(input) ? inputs.get(input).getInfo().getShape() : null);
        lock.lock();
        try {
            requireOpen();
            retired.forEach(ParallaxEngine::close);
            retired.clear();
            if (openShapes != null) {
                openShapes.releaseRun();
            }
            ParallaxEngine engine = loaded.get(shape);
            if (engine != null) {
                return new ShapedRun.Planned(engine.run(inputs));
            }
            if (!refused.containsKey(shape)) {
                builder.ask(shape);
            }
            unplannedRuns++;
            return openShapes().run(inputs);
        } finally {
            lock.unlock();
        }
    }

    private OpenShapeSession openShapes() {
        if (openShapes == null) {
            openShapes = new OpenShapeSession(
                    environment, source.path(), SessionSettings.of(options.threads(), options.spinning()));
        }
        return openShapes;
    }

    /** Re-plans every loaded shape under a new policy while the old plans serve; shapes built later follow it as well. */
    public void adopt(DelegationPolicy policy, long epoch) {
        buildLock.lock();
        try {
            List<ParallaxEngine> engines;
            lock.lock();
            try {
                requireOpen();
                options = options.withPolicy(policy, epoch);
                engines = List.copyOf(loaded.values());
            } finally {
                lock.unlock();
            }
            engines.forEach(engine -> engine.adopt(policy, epoch));
        } finally {
            buildLock.unlock();
        }
    }

    /** Waits until the shape that was asked for last is built or refused. */
    public void awaitBuilt() throws InterruptedException {
        builder.await();
    }

    /** Shapes that cannot be planned and stay with the open session, each with the reason. */
    public Map<Map<String, Long>, String> refusals() {
        lock.lock();
        try {
            return Map.copyOf(refused);
        } finally {
            lock.unlock();
        }
    }

    /** The shapes made ready last, the latest at the end. */
    public List<ShapeBuild> lastBuilds() {
        lock.lock();
        try {
            return List.copyOf(lastBuilds);
        } finally {
            lock.unlock();
        }
    }

    public ShapeCounts counts() {
        lock.lock();
        try {
            return new ShapeCounts(plans.made(), plans.found(), builds, evictions, unplannedRuns);
        } finally {
            lock.unlock();
        }
    }

    private void loadOrRefuse(Map<String, Long> shape) {
        try {
            load(shape);
        } catch (RuntimeException | LinkageError e) {
            // A shape that cannot be planned must not end the thread that builds the others: it stays in the open session.
            lock.lock();
            try {
                refused.put(shape, e.toString());
            } finally {
                lock.unlock();
            }
        }
    }

    private void load(Map<String, Long> shape) {
        buildLock.lock();
        try {
            if (isLoaded(shape)) {
                return;
            }
            long start = System.nanoTime();
            long foundBefore = plans.found();
            long planningBefore = plans.planningNanos();
            PreparedModel model = known.get(shape);
            if (model == null) {
                model = ModelPreparation.prepare(source, shape, options.cacheDirectory());
                known.put(shape, model);
            }
            swapIn(shape, ParallaxEngine.load(model, options, plans));
            remember(new ShapeBuild(shape, plans.found() > foundBefore, plans.planningNanos() - planningBefore, System.nanoTime() - start));
        } finally {
            buildLock.unlock();
        }
    }

    private void remember(ShapeBuild build) {
        lock.lock();
        try {
            lastBuilds.addLast(build);
            if (lastBuilds.size() > REMEMBERED_BUILDS) {
                lastBuilds.removeFirst();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isLoaded(Map<String, Long> shape) {
        lock.lock();
        try {
            return closed || loaded.containsKey(shape);
        } finally {
            lock.unlock();
        }
    }

    private void swapIn(Map<String, Long> shape, ParallaxEngine engine) {
        lock.lock();
        try {
            if (closed) {
                engine.close();
                return;
            }
            builds++;
            loaded.put(shape, engine);
            if (loaded.size() > mostLoaded) {
                Map<String, Long> eldest = loaded.keySet().iterator().next();
                retired.add(loaded.remove(eldest));
                evictions++;
            }
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the engine of '" + source.name() + "' is closed");
        }
    }

    /** Waits for the build in progress; nothing is interrupted, since that would close files under a session that opens. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        builder.close();
        buildLock.lock();
        lock.lock();
        try {
            retired.forEach(ParallaxEngine::close);
            retired.clear();
            loaded.values().forEach(ParallaxEngine::close);
            loaded.clear();
            if (openShapes != null) {
                openShapes.close();
                openShapes = null;
            }
        } finally {
            lock.unlock();
            buildLock.unlock();
        }
    }
}
