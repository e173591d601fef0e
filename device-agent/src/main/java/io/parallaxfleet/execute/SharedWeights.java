package io.parallaxfleet.execute;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import com.sun.jna.Pointer;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sessions that hold their weights together, for plans of one model that are open at once: rivals in a measurement, shapes of one
 * engine. Left to itself every session has a copy. Here an initialiser is one tensor over its mapped file, and what kernels make of it
 * when a session is opened (products' weights in the order in which they are read) is kept once for all sessions, found by its
 * content. What the optimiser makes new for a session, as convolutions' weights in a processor's layout, stays that session's.
 *
 * <p>A single session takes more memory this way, since the file stays mapped: it is for several. The bits of results do not change.
 *
 * <p>ONNX Runtime takes the container of such weights by functions that its Java API leaves out ({@link OrtTable}); where these cannot
 * be reached sessions hold their own. What was mapped for a session goes with the last of its file, if it is closed here. Close it after
 * its sessions. Thread-safe.
 *
 * @see <a href="https://onnxruntime.ai/docs/get-started/with-c.html">Share initializer(s) and their ORT pre-processed version(s)</a>
 */
public final class SharedWeights implements SessionFactory, AutoCloseable {
    /** Smaller ones are not worth a tensor. */
    private static final int FROM_BYTES = 16 << 10;

    private final OrtEnvironment environment;
    private final Holding holding;
    private boolean closed;

    /** Whether weights are shared. */
    private sealed interface Holding {}

    /**
     * They are.
     *
     * @param files of model files that sessions were made of and are open; guarded by itself, so that closing one does not wait for another to open
     * @param sessions the file of each that is open; guarded by {@code files}
     */
    private record Together(
            OrtTable table, OrtTable.JavaSessions java, Pointer container, Map<Path, FileWeights> files, Map<OrtSession, Path> sessions)
            implements Holding {}

    /** They are not. */
    private record Apart(String why) implements Holding {}

    /** Initialisers of a model file by name, and the pages of weights files that they lie in. */
    private static final class FileWeights {
        private final Map<String, OnnxTensor> tensors = new HashMap<>();
        private final List<ByteBuffer> mapped = new ArrayList<>();
        /** Sessions of it that are open, or being opened. */
        private int users;

        private void close() {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    private SharedWeights(OrtEnvironment environment, Holding holding) {
        this.environment = environment;
        this.holding = holding;
    }

    public static SharedWeights open(OrtEnvironment environment) {
        try {
            OrtTable table = OrtTable.ofThisProcess();
            OrtTable.JavaSessions java = OrtTable.javaSessions();
            return new SharedWeights(environment, new Together(table, java, table.createPackedWeights(), new HashMap<>(), new HashMap<>()));
        } catch (IllegalStateException | LinkageError e) {
            return new SharedWeights(environment, new Apart(environment.getVersion() + ": " + e.getMessage()));
        }
    }

    /** Whether sessions really share; where not, they are opened all the same. */
    public boolean shares() {
        return holding instanceof Together;
    }

    @Override
    public OrtEnvironment environment() {
        return environment;
    }

    @Override
    public synchronized OrtSession create(Path model, SessionOptions options) throws OrtException {
        if (closed) {
            throw new IllegalStateException("the weights are given back already");
        }
        if (!(holding instanceof Together together)) {
            return environment.createSession(model.toString(), options);
        }
        FileWeights weights = use(together, model);
        boolean opened = false;
        try {
            for (Map.Entry<String, OnnxTensor> initializer : weights.tensors.entrySet()) {
                options.addInitializer(initializer.getKey(), initializer.getValue());
            }
            OrtSession session = together.table().createSession(together.java(), environment, model, options, together.container());
            synchronized (together.files()) {
                together.sessions().put(session, model);
            }
            opened = true;
            return session;
        } finally {
            // Kernels have read most of it for the last time.
            weights.mapped.forEach(MappedPages::drop);
            if (!opened) {
                giveBack(together, model);
            }
        }
    }

    private FileWeights use(Together together, Path model) throws OrtException {
        synchronized (together.files()) {
            FileWeights weights = together.files().get(model);
            if (weights == null) {
                weights = read(model);
                together.files().put(model, weights);
            }
            weights.users++;
            return weights;
        }
    }

    /** A file whose last session is closed is forgotten: every shape has files of its own, and there may be any number of shapes. */
    private static void giveBack(Together together, Path model) {
        synchronized (together.files()) {
            FileWeights weights = together.files().get(model);
            if (weights != null && --weights.users == 0) {
                together.files().remove(model);
                weights.close();
            }
        }
    }

    @Override
    public void close(OrtSession session) throws OrtException {
        session.close();
        if (holding instanceof Together together) {
            Path model;
            synchronized (together.files()) {
                model = together.sessions().remove(session);
            }
            if (model != null) {
                giveBack(together, model);
            }
        }
    }

    private FileWeights read(Path file) throws OrtException {
        OnnxModel model = OnnxModel.read(file);
        Set<String> replaceable = new HashSet<>();
        model.proto().getGraph().getInputList().stream().map(ValueInfoProto::getName).forEach(replaceable::add);
        FileWeights weights = new FileWeights();
        for (Map.Entry<String, TensorProto> initializer : model.initializers().entrySet()) {
            TensorType type = TensorTypes.of(initializer.getValue()).orElse(null);
            boolean large = type != null && type.isStatic() && type.bytes() >= FROM_BYTES && type.bytes() <= Integer.MAX_VALUE;
            if (large && TensorStore.javaType(type.elementType()).isPresent() && !replaceable.contains(initializer.getKey())) {
                ByteBuffer content = model.constants().constant(initializer.getKey());
                if (content.isDirect()) {
                    weights.mapped.add(content);
                } else {
                    content = TensorStore.alignedDirect((int) type.bytes()).put(content).flip();
                }
                weights.tensors.put(initializer.getKey(), OnnxTensor.createTensor(
                        environment, content, type.shape(), TensorStore.javaType(type.elementType()).get()));
            }
        }
        return weights;
    }

    @Override
    public synchronized void close() {
        if (!closed && holding instanceof Together together) {
            together.table().releasePackedWeights(together.container());
            synchronized (together.files()) {
                together.files().values().forEach(FileWeights::close);
                together.files().clear();
                together.sessions().clear();
            }
        }
        closed = true;
    }
}
