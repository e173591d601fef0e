package io.parallaxfleet.job;

import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.operators.decode.RawInferenceCodec;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Tells Flink how a raw record is written; public because Flink makes it. */
public final class RawInferenceTypeFactory extends TypeInfoFactory<RawInference> {
    @Override
    public TypeInformation<RawInference> createTypeInfo(Type type, Map<String, TypeInformation<?>> parameters) {
        return new CodecTypeInformation<>(RawInference.class, new RawInferenceCodec());
    }
}
