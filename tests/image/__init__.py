"""The container images, built and run without Docker: `script/test-image`, which needs root.

buildah builds them on a base that mmdebstrap makes, as no registry may be at hand; podman with
runc runs them as compose.yaml says.
"""
