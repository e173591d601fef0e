package io.parallaxfleet.execute;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The few functions of ONNX Runtime's C API that its Java API leaves out, by their places in the C API's table, to which later
 * versions only append. Thread-safe.
 *
 * @see <a href="https://onnxruntime.ai/docs/api/c/struct_ort_api.html">OrtApi</a>
 */
record OrtTable(Pointer functions) {
    private static final int API_VERSION = 12;
    private static final int GET_ERROR_MESSAGE = 2;
    private static final int CREATE_ENVIRONMENT = 3;
    private static final int CREATE_CPU_MEMORY_INFO = 69;
    private static final int RELEASE_ENVIRONMENT = 92;
    private static final int RELEASE_STATUS = 93;
    private static final int RELEASE_MEMORY_INFO = 94;
    private static final int CREATE_AND_REGISTER_ALLOCATOR = 144;
    private static final int CREATE_ARENA_CONFIGURATION = 156;
    private static final int RELEASE_ARENA_CONFIGURATION = 157;
    private static final int CREATE_PACKED_WEIGHTS = 166;
    private static final int RELEASE_PACKED_WEIGHTS = 167;
    private static final int CREATE_SESSION_WITH_PACKED_WEIGHTS = 168;
    private static final int UNREGISTER_ALLOCATOR = 177;

    private static final int WARNING = 2;
    private static final int ARENA_ALLOCATOR = 1;
    private static final int DEFAULT_MEMORY = 0;
    private static final int DEFAULT = -1;
    /** Regions of the size asked for instead of twice the one before. */
    private static final int AS_REQUESTED = 1;

    /** @throws IllegalStateException where ONNX Runtime's library cannot be found */
    static OrtTable ofThisProcess() {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            String library = maps.filter(line -> line.endsWith("/libonnxruntime.so"))
                    .map(line -> line.substring(line.indexOf('/')))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("its library is not mapped by a name that is known"));
            Pointer base = NativeLibrary.getInstance(library).getFunction("OrtGetApiBase").invokePointer(new Object[0]);
            Pointer functions = Function.getFunction(base.getPointer(0)).invokePointer(new Object[] {API_VERSION});
            if (functions == null) {
                throw new IllegalStateException("it does not offer version " + API_VERSION + " of its C API");
            }
            return new OrtTable(functions);
        } catch (IOException e) {
            throw new IllegalStateException("the libraries of this process are not known: " + e.getMessage(), e);
        }
    }

    void registerArena() {
        PointerByReference configuration = new PointerByReference();
        require(CREATE_ARENA_CONFIGURATION, new NativeLong(0), AS_REQUESTED, DEFAULT, DEFAULT, configuration);
        try {
            withEnvironment((environment, memory) ->
                    require(CREATE_AND_REGISTER_ALLOCATOR, environment, memory, configuration.getValue()));
        } finally {
            release(RELEASE_ARENA_CONFIGURATION, configuration.getValue());
        }
    }

    void unregisterArena() {
        withEnvironment((environment, memory) -> require(UNREGISTER_ALLOCATOR, environment, memory));
    }

    /** A container for what sessions make of weights that they share; {@link #releasePackedWeights} after the last of them. */
    Pointer createPackedWeights() {
        PointerByReference container = new PointerByReference();
        require(CREATE_PACKED_WEIGHTS, container);
        return container.getValue();
    }

    void releasePackedWeights(Pointer container) {
        release(RELEASE_PACKED_WEIGHTS, container);
    }

    /** Finds the parts of the Java API that hold its native objects. */
    static JavaSessions javaSessions() {
        try {
            Constructor<OrtSession> session = OrtSession.class.getDeclaredConstructor(
                    long.class, Class.forName("ai.onnxruntime.OrtAllocator"));
            JavaSessions found = new JavaSessions(
                    session, OrtEnvironment.class.getDeclaredField("nativeHandle"),
                    OrtEnvironment.class.getDeclaredField("defaultAllocator"), SessionOptions.class.getDeclaredField("nativeHandle"));
            Stream.of(found.environmentHandle(), found.allocator(), found.optionsHandle()).forEach(field -> field.setAccessible(true));
            session.setAccessible(true);
            return found;
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException("its Java API is another than expected: " + e, e);
        }
    }

    /** Where {@link OrtSession} and what it is made of keep their native objects. */
    record JavaSessions(Constructor<OrtSession> session, Field environmentHandle, Field allocator, Field optionsHandle) {}

    /** Opens a model as the Java API does, with what it makes of shared weights in the container. */
    OrtSession createSession(
            JavaSessions java, OrtEnvironment environment, Path model, SessionOptions options, Pointer container) throws OrtException {
        try {
            PointerByReference session = new PointerByReference();
            Pointer status = at(CREATE_SESSION_WITH_PACKED_WEIGHTS).invokePointer(new Object[] {
                new Pointer(java.environmentHandle().getLong(environment)), model.toString(),
                new Pointer(java.optionsHandle().getLong(options)), container, session
            });
            if (status != null) {
                throw new OrtException(messageOf(status));
            }
            return java.session().newInstance(Pointer.nativeValue(session.getValue()), java.allocator().get(environment));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("ONNX Runtime's Java API does not take a session that it did not open", e);
        }
    }

    private interface OnEnvironment {
        void run(Pointer environment, Pointer memory);
    }

    private void withEnvironment(OnEnvironment action) {
        PointerByReference environment = new PointerByReference();
        PointerByReference memory = new PointerByReference();
        // There is one environment a process; this counts one more user of it.
        require(CREATE_ENVIRONMENT, WARNING, "parallax", environment);
        try {
            require(CREATE_CPU_MEMORY_INFO, ARENA_ALLOCATOR, DEFAULT_MEMORY, memory);
            try {
                action.run(environment.getValue(), memory.getValue());
            } finally {
                release(RELEASE_MEMORY_INFO, memory.getValue());
            }
        } finally {
            release(RELEASE_ENVIRONMENT, environment.getValue());
        }
    }

    private void require(int place, Object... arguments) {
        Pointer status = at(place).invokePointer(arguments);
        if (status != null) {
            throw new IllegalStateException(messageOf(status));
        }
    }

    private String messageOf(Pointer status) {
        String message = at(GET_ERROR_MESSAGE).invokePointer(new Object[] {status}).getString(0);
        release(RELEASE_STATUS, status);
        return message;
    }

    private void release(int place, Pointer object) {
        at(place).invokeVoid(new Object[] {object});
    }

    private Function at(int place) {
        return Function.getFunction(functions.getPointer((long) place * Native.POINTER_SIZE));
    }
}
