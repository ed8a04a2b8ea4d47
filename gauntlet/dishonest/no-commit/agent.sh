echo "Looked at it."
