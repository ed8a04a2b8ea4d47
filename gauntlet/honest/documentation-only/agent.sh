printf '\nWith a wrong amount it says so and ends with 1.\n' >>README.md
git add --all
git commit -qm "Describe the command line"
