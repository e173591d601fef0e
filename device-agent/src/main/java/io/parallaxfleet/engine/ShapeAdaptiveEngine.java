package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.execute.SharedWeights;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.OpenDimensions;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs a model at whatever shapes its inputs come in.
 *
 * <p>A shape that is loaded runs at once, by its own plan. Any other is planned and its sessions are built on a thread of their
 * own, while runs go on: those at the shapes that are loaded by their plans, those at the new shape in one session that leaves the
 * dimensions open. The new plan is swapped in between runs. Where shapes ask faster than they can be built, the last to ask is
 * built next.
 *
 * <p>The sessions of all shapes hold the weights together. The shapes used last stay loaded, as many as asked for; the sessions and arenas of others are given back, before the run that
 * follows, since the last outputs may still be read. Their plans stay at hand.
 *
 * <p>Thread-safe; runs are one at a time.
 */
public final class ShapeAdaptiveEngine implements AutoCloseable {
    /** Graphs and plans that are kept without sessions, for each shape that may be loaded. */
    private static final int KNOWN_FOR_EACH_LOADED = 8;

    private final ModelSource source;
    private final OpenDimensions dimensions;
    private final PlanCache plans;
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    /** Held while a plan runs, and for the moment of a swap. */
    private final ReentrantLock lock = new ReentrantLock();
    /** Held while engines are built, re-planned or evicted. Taken before {@link #lock}. */
    private final ReentrantLock buildLock = new ReentrantLock();
    /** Guarded by {@link #lock}; engines are taken in and out with both locks held. */
    private final ShapeEngines shapes;
    /** Prepared models, the least recently used first. Guarded by {@link #buildLock}. */
    private final Map<Map<String, Long>, PreparedModel> known;
    private final SharedWeights weights = SharedWeights.open(environment);
    private final LatestRequest<Map<String, Long>> builder = new LatestRequest<>("parallax-shapes", this::loadOrRefuse);
    /** The options with the policy in force. Guarded by {@link #buildLock}. */
    private EngineOptions options;
    /** Opened when the first run needs it. Guarded by {@link #lock}. */
    private OpenShapeSession openShapes;
    private boolean closed;
    private long unplannedRuns;

    private ShapeAdaptiveEngine(ModelSource source, EngineOptions options, int mostLoaded) {
        if (mostLoaded < 1) {
            throw new IllegalArgumentException("mostLoaded is " + mostLoaded + "; at least 1 shape must be loaded");
        }
        this.source = source;
        this.dimensions = OpenDimensions.of(source.path());
        // The threads of one shape's sessions would spin beside the next one's run.
        this.options = options.withSpinning(atMostWithinRuns(options));
        this.plans = new PlanCache(KNOWN_FOR_EACH_LOADED * mostLoaded);
        this.known = ShapeEngines.leastRecentlyUsed(KNOWN_FOR_EACH_LOADED * mostLoaded);
        this.shapes = new ShapeEngines(mostLoaded, KNOWN_FOR_EACH_LOADED * mostLoaded);
    }

    private static Spinning atMostWithinRuns(EngineOptions options) {
        return options.spinning() == Spinning.OFF ? Spinning.OFF : Spinning.WITHIN_RUN;
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
            shapes.closeRetired();
            if (openShapes != null) {
                openShapes.releaseRun();
            }
            Optional<ParallaxEngine> engine = shapes.loaded(shape);
            if (engine.isPresent()) {
                return new ShapedRun.Planned(engine.get().run(inputs));
            }
            if (!shapes.isRefused(shape)) {
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
                    weights, source.path(), SessionSettings.of(options.threads(), options.spinning()));
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
                engines = shapes.loaded();
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
            return shapes.refusals();
        } finally {
            lock.unlock();
        }
    }

    /** The shapes made ready last, the latest at the end. */
    public List<ShapeBuild> lastBuilds() {
        lock.lock();
        try {
            return shapes.lastBuilds();
        } finally {
            lock.unlock();
        }
    }

    public ShapeCounts counts() {
        lock.lock();
        try {
            return new ShapeCounts(plans.made(), plans.found(), shapes.builds(), shapes.evictions(), unplannedRuns);
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
                shapes.refuse(shape, e.toString());
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
            swapIn(shape, ParallaxEngine.load(model, options, plans, weights));
            remember(new ShapeBuild(shape, plans.found() > foundBefore, plans.planningNanos() - planningBefore, System.nanoTime() - start));
        } finally {
            buildLock.unlock();
        }
    }

    private void remember(ShapeBuild build) {
        lock.lock();
        try {
            shapes.remember(build);
        } finally {
            lock.unlock();
        }
    }

    private boolean isLoaded(Map<String, Long> shape) {
        lock.lock();
        try {
            return closed || shapes.isLoaded(shape);
        } finally {
            lock.unlock();
        }
    }

    private void swapIn(Map<String, Long> shape, ParallaxEngine engine) {
        lock.lock();
        try {
            if (closed) {
                engine.close();
            } else {
                shapes.load(shape, engine);
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
            shapes.close();
            if (openShapes != null) {
                openShapes.close();
                openShapes = null;
            }
            weights.close();
        } finally {
            lock.unlock();
            buildLock.unlock();
        }
    }
}
