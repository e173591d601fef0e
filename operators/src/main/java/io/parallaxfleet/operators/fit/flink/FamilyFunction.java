package io.parallaxfleet.operators.fit.flink;

import io.parallaxfleet.operators.codec.flink.CodecTypeInformation;
import io.parallaxfleet.operators.fit.ClassFamily;
import io.parallaxfleet.operators.fit.FamilyModels;
import io.parallaxfleet.operators.fit.FamilyModelsCodec;
import io.parallaxfleet.operators.rollout.ClassFit;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Notes the cost models of a family's classes, and completes the fits of those that measured too little variety for their own. */
public final class FamilyFunction extends KeyedProcessFunction<ClassFamily, ClassFit, ClassFit> {
    private static final long serialVersionUID = 1L;

    private transient ValueState<FamilyModels> models;

    @Override
    public void open(OpenContext context) {
        models = getRuntimeContext().getState(new ValueStateDescriptor<>("models",
                new CodecTypeInformation<>(FamilyModels.class, new FamilyModelsCodec())));
    }

    @Override
    public void processElement(ClassFit fit, Context context, Collector<ClassFit> out) throws Exception {
        FamilyModels known = models.value() == null ? new FamilyModels() : models.value();
        String deviceClass = fit.classKey().deviceClass();
        if (fit.estimate() != null) {
            known.note(deviceClass, fit.estimate());
            models.update(known);
            out.collect(fit);
            return;
        }
        Optional<CostModelEstimate> completed = fit.sparse() == null
                ? Optional.empty()
                : known.complete(context.getCurrentKey(), deviceClass, fit.sparse());
        out.collect(completed.map(fit::completedBy).orElse(fit));
    }
}
