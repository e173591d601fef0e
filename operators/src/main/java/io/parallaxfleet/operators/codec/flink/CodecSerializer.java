package io.parallaxfleet.operators.codec.flink;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.util.FlinkException;
import org.apache.flink.util.InstantiationUtil;

/**
 * Flink's serializer over a {@link BinaryCodec}. The snapshot holds the codec's class name only: versions are the codec's
 * business and stand in front of every value.
 */
public final class CodecSerializer<T> extends TypeSerializer<T> {
    private static final long serialVersionUID = 1L;

    private static final int TYPICAL_BYTES = 256;

    private final BinaryCodec<T> codec;
    // Flink gives each thread a duplicate of its own.
    private transient DataOutputSerializer buffer;

    public CodecSerializer(BinaryCodec<T> codec) {
        this.codec = codec;
    }

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public TypeSerializer<T> duplicate() {
        return new CodecSerializer<>(codec);
    }

    /** Flink asks for an instance only to fill it, which a codec never does. */
    @Override
    public T createInstance() {
        return null;
    }

    @Override
    public T copy(T from) {
        try {
            DataOutputSerializer out = buffered(from);
            return codec.read(new DataInputDeserializer(out.getSharedBuffer(), 0, out.length()));
        } catch (IOException e) {
            throw new IllegalStateException("copying a value through " + codec.getClass().getName(), e);
        }
    }

    @Override
    public T copy(T from, T reuse) {
        return copy(from);
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(T value, DataOutputView target) throws IOException {
        if (target instanceof DataOutputSerializer) {
            codec.write(value, target);
        } else {
            // A checkpoint's stream takes a call down its layers for every byte.
            DataOutputSerializer out = buffered(value);
            target.write(out.getSharedBuffer(), 0, out.length());
        }
    }

    private DataOutputSerializer buffered(T value) throws IOException {
        if (buffer == null) {
            buffer = new DataOutputSerializer(TYPICAL_BYTES);
        }
        buffer.clear();
        codec.write(value, buffer);
        return buffer;
    }

    @Override
    public T deserialize(DataInputView source) throws IOException {
        return codec.read(source);
    }

    @Override
    public T deserialize(T reuse, DataInputView source) throws IOException {
        return codec.read(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        codec.write(codec.read(source), target);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CodecSerializer<?> that && codec.getClass() == that.codec.getClass();
    }

    @Override
    public int hashCode() {
        return codec.getClass().getName().hashCode();
    }

    @Override
    public TypeSerializerSnapshot<T> snapshotConfiguration() {
        return new Snapshot<>(codec);
    }

    /** Names the codec; Flink creates it through the public constructor without arguments. */
    public static final class Snapshot<T> implements TypeSerializerSnapshot<T> {
        private static final int VERSION = 1;

        private BinaryCodec<T> codec;

        public Snapshot() {}

        Snapshot(BinaryCodec<T> codec) {
            this.codec = codec;
        }

        @Override
        public int getCurrentVersion() {
            return VERSION;
        }

        @Override
        public void writeSnapshot(DataOutputView out) throws IOException {
            out.writeUTF(codec.getClass().getName());
        }

        @Override
        public void readSnapshot(int readVersion, DataInputView in, ClassLoader loader) throws IOException {
            if (readVersion != VERSION) {
                throw new IOException("a codec snapshot of version " + readVersion + "; this build reads " + VERSION);
            }
            String name = in.readUTF();
            try {
                codec = InstantiationUtil.instantiate(name, codecType(), loader);
            } catch (FlinkException e) {
                throw new IOException("the savepoint was written with " + name + ", which this build does not have", e);
            }
        }

        @SuppressWarnings("unchecked")
        private Class<BinaryCodec<T>> codecType() {
            return (Class<BinaryCodec<T>>) (Class<?>) BinaryCodec.class;
        }

        @Override
        public TypeSerializer<T> restoreSerializer() {
            return new CodecSerializer<>(codec);
        }

        @Override
        public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(TypeSerializerSnapshot<T> old) {
            return old instanceof Snapshot<T> that && that.codec.getClass() == codec.getClass()
                    ? TypeSerializerSchemaCompatibility.compatibleAsIs()
                    : TypeSerializerSchemaCompatibility.incompatible();
        }
    }
}
